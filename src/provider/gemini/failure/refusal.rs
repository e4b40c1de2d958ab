//! The hint for a request that a provider refuses for a reason that no row of the taxonomy knows: it follows the field
//! that is named, else the words of the sentence, and else it guesses nothing.

use super::facts::Facts;
use super::row::ANOTHER_MODEL;

/// Words by which a part of the request is named, as they are in fields and in sentences, without underscores and in
/// lower case, and what to do about that part. The first that is found counts.
const PARTS: &[(&[&str], &str)] = &[
    (&["aspectratio", "ratio"], "Choose another ratio, or leave it out"),
    (
        &["imagesize", "size", "resolution"],
        "Choose another size, or leave it out",
    ),
    (
        &["imageconfig"],
        "Leave out the ratio and the size, or use another model",
    ),
    (
        &[
            "thinkingconfig",
            "thinkinglevel",
            "thinkingbudget",
            "includethoughts",
        ],
        "Switch thinking off for this model",
    ),
    (
        &["responsemodalities", "responsemodality", "modalities", "modality"],
        "Ask for another kind of output: images, text, or both",
    ),
    (&["candidatecount", "candidates"], "Ask for variants one by one"),
    (
        &["systeminstruction", "developerinstruction"],
        "Leave out the system instruction, or use another model",
    ),
    (
        &["safetysettings", "safetysetting", "threshold"],
        "Leave out the safety settings",
    ),
    (
        &[
            "googlesearch",
            "searchtool",
            "grounding",
            "tools",
            "tool",
            "functiondeclarations",
        ],
        "Leave out search and tools, or use another model",
    ),
    (
        &[
            "temperature",
            "topp",
            "topk",
            "seed",
            "maxoutputtokens",
            "stopsequences",
        ],
        "Leave out the settings of the sampling: temperature, top-p, top-k, seed, tokens",
    ),
    (
        &["mimetype", "inlinedata", "filedata", "inputimage"],
        "Give the references as PNG or JPEG, or leave them out",
    ),
    (&["model", "modelname", "modelid"], ANOTHER_MODEL),
];

/// Returns the next step, as far as the server's words tell it.
pub(super) fn hint(facts: &Facts) -> &'static str {
    if let Some(field) = facts.fields.first() {
        let known = part(field).filter(|_| !field.is_empty());
        return known.unwrap_or("Leave out what it names, or use another model");
    }
    let said = Some(facts.message.as_str()).filter(|message| !message.is_empty());
    match said.or(facts.title.as_deref()) {
        Some(said) => {
            // The model is named in sentences about everything else, too.
            let known = part(said).filter(|hint| *hint != ANOTHER_MODEL);
            known.unwrap_or("It says no more than that; another model or provider may take the request")
        }
        None => "It does not say why; another model or provider may take the request",
    }
}

fn part(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let is_apart = |letter: char| !letter.is_alphanumeric() && letter != '_';
    let words: Vec<String> = lower.split(is_apart).map(|word| word.replace('_', "")).collect();
    let pairs = words.windows(2).map(<[String]>::concat);
    let named: Vec<String> = pairs.chain(words.iter().cloned()).collect();
    let found = PARTS
        .iter()
        .find(|(names, _)| named.iter().any(|word| names.contains(&word.as_str())));
    found.map(|(_, hint)| *hint)
}

/// Returns whether a sentence says that there is no such model: `The model "x" does not exist`, and not that the model
/// lacks something.
pub(super) fn says_no_model(lower: &str) -> bool {
    const WHOLE: [&str; 11] = [
        "unknown model",
        "invalid model",
        "unsupported model",
        "no such model",
        "model does not exist",
        "model not exist",
        "模型不存在",
        "不支持的模型",
        "无效的模型",
        "未知模型",
        "模型名称错误",
    ];
    const GONE: [&str; 7] = [
        "does not exist",
        "not found",
        "is not available",
        "is unavailable",
        "has been retired",
        "has been deprecated",
        "has been shut down",
    ];
    /// So far behind the word the verb may stand, in bytes.
    const REACH: usize = 80;
    if WHOLE.iter().any(|words| lower.contains(words)) {
        return true;
    }
    let Some((before, after)) = lower.split_once("model") else {
        return false;
    };
    let is_aside = ["for this ", "by this ", "for the ", "by the ", "for "]
        .iter()
        .any(|words| before.ends_with(words));
    let sentence = after.split(". ").next().unwrap_or_default();
    let reach = crate::domain::beginning(sentence, REACH);
    !is_aside && GONE.iter().any(|words| reach.contains(words))
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;
    use crate::provider::gemini::failure::{Head, classify};

    fn said(body: &str) -> (Kind, String) {
        let error = classify(400, &Head::default(), body.as_bytes());
        (error.kind, error.hint)
    }

    fn sentence(message: &str) -> String {
        serde_json::json!({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}})
            .to_string()
    }

    #[test]
    fn the_hint_follows_the_words_of_the_server() {
        for (message, words) in [
            ("Aspect ratio is not enabled for this model", "ratio"),
            ("aspectRatio 7:3 is not supported", "ratio"),
            ("Unsupported image_size: 3K", "size"),
            ("Invalid resolution", "size"),
            (
                "Developer instruction is not enabled for models/gemini-x",
                "system instruction",
            ),
            (
                "The requested combination of response modalities is not supported",
                "output",
            ),
            ("Search tool is not supported for this model", "search"),
            ("temperature must be between 0 and 2", "temperature"),
            ("Unsupported MIME type of the file: image/heic", "PNG"),
            ("Invalid value for safety_settings", "safety"),
            ("candidateCount must be 1", "one by one"),
        ] {
            let (_, hint) = said(&sentence(message));
            assert!(hint.contains(words), "{message}: {hint}");
        }
        for (message, kind) in [
            ("Unknown model: nano", Kind::ModelNotFound),
            (
                "The model `gemini-9` does not exist or you do not have access to it.",
                Kind::ModelNotFound,
            ),
            ("model gemini-9 not found", Kind::ModelNotFound),
            ("不支持的模型 gemini-9", Kind::ModelNotFound),
            ("Cannot POST /v1beta/models/x", Kind::WrongAddress),
            ("Unsupported API version: v1beta", Kind::WrongAddress),
            (
                "The input token count (140000) exceeds the maximum number of tokens allowed (131072).",
                Kind::TooLarge,
            ),
            ("Your prompt was blocked by our content policy", Kind::Blocked),
            (
                "Function calling is not available for this model",
                Kind::BadRequest,
            ),
            ("For this model the feature was not found", Kind::BadRequest),
        ] {
            assert_eq!(said(&sentence(message)).0, kind, "{message}");
        }
    }

    #[test]
    fn a_refusal_that_nobody_knows_blames_nothing() {
        for message in [
            "Request contains an invalid argument.",
            "Bad request",
            "The process stopped",
            "请求无效",
        ] {
            let (kind, hint) = said(&sentence(message));
            assert_eq!(kind, Kind::BadRequest);
            assert!(hint.starts_with("It says no more than that"), "{message}: {hint}");
        }
        assert!(said("").1.starts_with("It does not say why"));
        for body in ["{}", "<title>400 Bad Request</title>"] {
            let hint = said(body).1;
            assert!(!hint.contains("size") && !hint.contains("ratio"), "{hint}");
        }
    }

    #[test]
    fn fields_are_found_in_every_shape() {
        let violation = |field: &str| {
            serde_json::json!({"error": {"code": 400, "message": "x", "details": [
                {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field}]}]}})
        };
        for (body, field, words) in [
            (
                violation("generation_config.seed"),
                "generation_config.seed",
                "seed",
            ),
            (
                violation("tools[0].google_search"),
                "tools[0].google_search",
                "search",
            ),
            (
                violation("generationConfig.imageConfig.imageSize"),
                "imageSize",
                "size",
            ),
            (violation("made_up"), "made_up", "Leave out what it names"),
            (violation("model"), "model", "provider's own list"),
            (
                serde_json::json!({"error": {"message": "no", "type": "invalid_request_error", "param": "aspect_ratio"}}),
                "aspect_ratio",
                "ratio",
            ),
            (
                serde_json::json!({"detail": [{"loc": ["body", "generationConfig", "topK"], "msg": "field required"}]}),
                "generationConfig.topK",
                "top-k",
            ),
        ] {
            let error = classify(400, &Head::default(), body.to_string().as_bytes());
            assert!(error.message.contains(field), "{}", error.message);
            assert!(error.hint.contains(words), "{field}: {}", error.hint);
        }
    }
}
