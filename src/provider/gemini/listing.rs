//! What a provider's free list of models says: `GET models`, a page at a time. Google fills every field and pages;
//! relays fill the name and leave the rest null. It asks nothing by itself.

use serde_json::Value;

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
    let value: Value = serde_json::from_slice(body).ok()?;
    // Some gateways have one list for all their clients, and spell it as OpenAI does.
    let models = value.get("models").or_else(|| value.get("data"))?.as_array()?;
    let next = value.get("nextPageToken").and_then(Value::as_str);
    Some(Page {
        models: models
            .iter()
            .filter(|model| makes_content(model))
            .filter_map(name)
            .collect(),
        next: next.filter(|next| !next.is_empty()).map(str::to_owned),
    })
}

fn name(model: &Value) -> Option<String> {
    let name = model.get("name").or_else(|| model.get("id"))?.as_str()?;
    let name = name.strip_prefix("models/").unwrap_or(name).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether the model answers requests of ours; one that does not say is taken to.
fn makes_content(model: &Value) -> bool {
    let methods = model.get("supportedGenerationMethods").and_then(Value::as_array);
    methods.is_none_or(|methods| {
        methods
            .iter()
            .any(|method| matches!(method.as_str(), Some("generateContent" | "streamGenerateContent")))
    })
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
