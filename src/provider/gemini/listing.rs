//! What a provider's free list of models says: `GET models`, a page at a time. Google fills every field and pages;
//! relays fill the name and leave the rest null. It asks nothing by itself.

use serde::de::{MapAccess, SeqAccess};

use super::bounds;
use crate::provider::lenient::{self, Reader, Text};

/// More models than any provider has on a page.
const MODELS: usize = 5000;

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Models that make content, as far as the list tells, without `models/`.
    pub models: Vec<String>,
    /// The name of the next page.
    pub next: Option<String>,
}

/// Reads a page; `None` where the answer is no list of models.
pub fn page(body: &[u8]) -> Option<Page> {
    let whole = lenient::read(body, Whole).ok()?;
    Some(Page {
        models: whole.models?,
        next: whole.next,
    })
}

#[derive(Default)]
struct Read {
    models: Option<Vec<String>>,
    next: Option<String>,
}

struct Whole;

impl<'de> Reader<'de> for Whole {
    type Out = Read;

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Read, A::Error> {
        let mut read = Read::default();
        // Some gateways have one list for all their clients, and spell it as OpenAI does.
        let mut data = None;
        let mut key = String::new();
        while lenient::next_key(&mut object, &mut key)? {
            match key.as_str() {
                "models" => read.models = lenient::value(&mut object, Models)?,
                "data" => data = lenient::value(&mut object, Models)?,
                "nextPageToken" => read.next = lenient::value(&mut object, Text)?,
                _ => lenient::skip(&mut object)?,
            }
        }
        read.models = read.models.or(data);
        Ok(read)
    }
}

struct Models;

impl<'de> Reader<'de> for Models {
    type Out = Option<Vec<String>>;

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Out, A::Error> {
        let mut models = Vec::new();
        while let Some(model) = lenient::next(&mut list, Model)? {
            models.extend(model.filter(|_| models.len() < MODELS));
        }
        Ok(Some(models))
    }
}

/// The name of a model that answers requests of ours; one that does not say is taken to.
struct Model;

impl<'de> Reader<'de> for Model {
    type Out = Option<String>;

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Out, A::Error> {
        let (mut name, mut id, mut makes_content) = (None, None, None);
        let mut key = String::new();
        while lenient::next_key(&mut object, &mut key)? {
            match key.as_str() {
                "name" => name = lenient::value(&mut object, Text)?,
                "id" => id = lenient::value(&mut object, Text)?,
                "supportedGenerationMethods" => makes_content = lenient::value(&mut object, Methods)?,
                _ => lenient::skip(&mut object)?,
            }
        }
        let name = name.or(id).filter(|_| makes_content != Some(false));
        Ok(name.and_then(|name| {
            let name = name.strip_prefix("models/").unwrap_or(&name).trim();
            (!name.is_empty() && name.len() <= bounds::LINE).then(|| name.to_owned())
        }))
    }
}

/// Whether a list of methods has one of ours; `None` where it is no list.
struct Methods;

impl<'de> Reader<'de> for Methods {
    type Out = Option<bool>;

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Out, A::Error> {
        let mut found = false;
        while let Some(method) = lenient::next(&mut list, Text)? {
            found |= matches!(
                method.as_deref(),
                Some("generateContent" | "streamGenerateContent")
            );
        }
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn googles_page_and_a_relays_are_both_read() {
        let google = br#"{"models":[
            {"name":"models/gemini-3-pro-image","supportedGenerationMethods":["generateContent","countTokens"]},
            {"name":"models/imagen-4","supportedGenerationMethods":["predict"]}],"nextPageToken":"abc"}"#;
        let read = page(google).unwrap();
        assert_eq!(read.models, ["gemini-3-pro-image"]);
        assert_eq!(read.next.as_deref(), Some("abc"));
        let relay = br#"{"models":[{"name":"gemini-2.5-flash-image","version":null,
            "supportedGenerationMethods":null},{"name":null},{}],"nextPageToken":null}"#;
        let read = page(relay).unwrap();
        assert_eq!(
            (read.models, read.next),
            (vec!["gemini-2.5-flash-image".to_owned()], None)
        );
        let openai = br#"{"object":"list","data":[{"id":"m"}]}"#;
        assert_eq!(page(openai).unwrap().models, ["m"]);
    }

    #[test]
    fn what_is_no_list_is_none() {
        for body in [
            &b"<html>"[..],
            b"[]",
            b"{}",
            br#"{"models":null}"#,
            br#"{"models":7}"#,
        ] {
            assert_eq!(page(body), None);
        }
    }
}
