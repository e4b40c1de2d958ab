//! JSON read leniently and without a tree: a reader takes what it knows, and a value of another kind, however large, is
//! skipped without being built. A `serde_json::Value` of a few megabytes of `{"":0},` takes hundreds. Pure.
//!
//! Where any value has to be kept, such as an error's, [`Tree`] builds it within a [`Budget`].

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads one value. Whatever it does not name is skipped and gives the default, as `null` does.
pub(crate) trait Reader<'de>: Sized {
    type Out: Default;

    fn text(self, _text: &str) -> Self::Out {
        Self::Out::default()
    }

    fn truth(self, _truth: bool) -> Self::Out {
        Self::Out::default()
    }

    fn number(self, _number: Number) -> Self::Out {
        Self::Out::default()
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Out, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::Out::default())
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Out, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Out::default())
    }
}

/// Reads JSON from its beginning to its end; an error where it is none.
pub(crate) fn read<'de, R: Reader<'de>>(json: &'de [u8], reader: R) -> serde_json::Result<R::Out> {
    let mut source = serde_json::Deserializer::from_slice(json);
    let out = With(reader).deserialize(&mut source)?;
    source.end()?;
    Ok(out)
}

/// Reads the value at the beginning of a text, whatever follows it.
pub(crate) fn read_first<'de, R: Reader<'de>>(text: &'de str, reader: R) -> serde_json::Result<R::Out> {
    With(reader).deserialize(&mut serde_json::Deserializer::from_str(text))
}

/// The next key of an object into `key`; false at its end. [`value`] or [`skip`] has to follow.
pub(crate) fn next_key<'de, A: MapAccess<'de>>(object: &mut A, key: &mut String) -> Result<bool, A::Error> {
    Ok(object.next_key_seed(Key(key))?.is_some())
}

/// The value of the last key.
pub(crate) fn value<'de, A: MapAccess<'de>, R: Reader<'de>>(
    object: &mut A,
    reader: R,
) -> Result<R::Out, A::Error> {
    object.next_value_seed(With(reader))
}

/// Passes the value of the last key by.
pub(crate) fn skip<'de, A: MapAccess<'de>>(object: &mut A) -> Result<(), A::Error> {
    object.next_value::<IgnoredAny>().map(drop)
}

/// The next value of a list; `None` at its end.
pub(crate) fn next<'de, A: SeqAccess<'de>, R: Reader<'de>>(
    list: &mut A,
    reader: R,
) -> Result<Option<R::Out>, A::Error> {
    list.next_element_seed(With(reader))
}

/// A text that is not empty.
pub(crate) struct Text;

impl Reader<'_> for Text {
    type Out = Option<String>;

    fn text(self, text: &str) -> Self::Out {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// How much trees may still take.
#[derive(Debug)]
pub(crate) struct Budget {
    values: usize,
    /// Of texts and keys, in bytes.
    text: usize,
}

impl Default for Budget {
    /// Enough for every error that means something, and 2 MB at most.
    fn default() -> Self {
        Self::new(2000, 1_000_000)
    }
}

impl Budget {
    /// So many values, and so many bytes of texts and keys.
    pub(crate) fn new(values: usize, text: usize) -> Self {
        Self { values, text }
    }

    fn value(&mut self) -> bool {
        self.values = self.values.saturating_sub(1);
        self.values > 0
    }

    fn text(&mut self, length: usize) -> bool {
        let left = self.text.checked_sub(length);
        self.text = left.unwrap_or(self.text);
        left.is_some()
    }
}

/// A tree of any value, without what is beyond the budget.
pub(crate) struct Tree<'b>(pub(crate) &'b mut Budget);

impl<'de> Reader<'de> for Tree<'_> {
    type Out = Value;

    fn text(self, text: &str) -> Value {
        if self.0.text(text.len()) {
            Value::String(text.to_owned())
        } else {
            Value::Null
        }
    }

    fn truth(self, truth: bool) -> Value {
        Value::Bool(truth)
    }

    fn number(self, number: Number) -> Value {
        Value::Number(number)
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while self.0.value() {
            match next(&mut list, Tree(&mut *self.0))? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(values))
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        let mut key = String::new();
        while next_key(&mut object, &mut key)? {
            keep(&mut object, &key, &mut fields, self.0)?;
        }
        Ok(Value::Object(fields))
    }
}

/// The value of the last key as a field of a tree, if the budget has it.
pub(crate) fn keep<'de, A: MapAccess<'de>>(
    object: &mut A,
    key: &str,
    fields: &mut Map<String, Value>,
    budget: &mut Budget,
) -> Result<(), A::Error> {
    if budget.value() && budget.text(key.len()) {
        fields.insert(key.to_owned(), value(object, Tree(budget))?);
        Ok(())
    } else {
        skip(object)
    }
}

struct Key<'k>(&'k mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<(), E> {
        self.0.clear();
        self.0.push_str(key);
        Ok(())
    }
}

/// A reader as serde has it.
struct With<R>(R);

impl<'de, R: Reader<'de>> DeserializeSeed<'de> for With<R> {
    type Value = R::Out;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<R::Out, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de, R: Reader<'de>> Visitor<'de> for With<R> {
    type Value = R::Out;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<R::Out, E> {
        Ok(R::Out::default())
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<R::Out, E> {
        Ok(self.0.truth(truth))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<R::Out, E> {
        Ok(self.0.number(number.into()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<R::Out, E> {
        Ok(self.0.number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<R::Out, E> {
        let number = Number::from_f64(number);
        Ok(number.map_or_else(R::Out::default, |number| self.0.number(number)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<R::Out, E> {
        Ok(self.0.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<R::Out, A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<R::Out, A::Error> {
        self.0.object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_the_value_and_no_larger_than_its_budget() {
        let text = r#"{"a":[1,-2,1.5,"x",null,true,{"b":{}}],"":[]}"#;
        let tree = read(text.as_bytes(), Tree(&mut Budget::default())).unwrap();
        assert_eq!(tree, serde_json::from_str::<Value>(text).unwrap());
        for flood in [r#"{"":0},"#, "[],", "[[0]],", r#""a","#] {
            let json = format!("[{}0]", flood.repeat(100_000));
            let tree = read(json.as_bytes(), Tree(&mut Budget::default())).unwrap();
            assert!(tree.to_string().len() < 20_000, "{flood}");
        }
        let long = format!("[\"{}\",\"b\"]", "a".repeat(2_000_000));
        let tree = read(long.as_bytes(), Tree(&mut Budget::default())).unwrap();
        assert_eq!(tree, serde_json::json!([null, "b"]));
    }

    #[test]
    fn what_is_no_json_is_an_error_wherever_it_breaks() {
        for json in ["", "{", "[1,]", "{\"a\":}", "[{\"a\":1}} ", "nul", "[1] x"] {
            assert!(read(json.as_bytes(), Text).is_err(), "{json}");
            assert!(
                read(json.as_bytes(), Tree(&mut Budget::default())).is_err(),
                "{json}"
            );
        }
        assert_eq!(read_first("\"a\" and so on", Text).unwrap().as_deref(), Some("a"));
    }
}
