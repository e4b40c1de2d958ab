//! The taxonomy of failures as data: the first row that fits says what an error is. Rows with codes are asked before rows
//! with texts, those before rows with a status alone.

use super::row::{
    ANOTHER_MODEL, Again, BY_HAND, CHANGE_PROMPT, CHECK_ADDRESS, LATER, Row, SMALLER, TOP_UP, row,
};
use super::rows::{RATE, REFUSED, UNREADABLE};
use crate::error::Kind;

/// Codes, texts, meanings.
pub(super) const ROWS: &[Row] = &[
    Row {
        codes: &["API_KEY_INVALID", "API_KEY_EXPIRED", "invalid_api_key"],
        texts: &[
            "api key not valid",
            "api key expired",
            "invalid api key",
            "no connected db",
            "unregistered callers",
            "无效的令牌",
            "令牌已过期",
        ],
        ..row(
            Kind::BadKey,
            "The provider does not accept this key",
            "Check the key; on a relay it may also have expired or used up its quota",
        )
    },
    Row {
        texts: &["reported as leaked"],
        ..row(
            Kind::BadKey,
            "The provider has locked this key because it leaked",
            "Make a new key",
        )
    },
    Row {
        texts: &["location is not supported"],
        ..row(
            Kind::Permission,
            "The provider does not serve your region",
            "Use a provider that does",
        )
    },
    Row {
        codes: &["BILLING_DISABLED", "BILLING_NOT_ENABLED"],
        texts: &[
            "billing not enabled",
            "billing is not enabled",
            "billing has not been enabled",
            "billing account",
            "enable billing",
            "requires billing",
        ],
        ..row(
            Kind::NoBalance,
            "Billing is not enabled for this key's project",
            "Set up billing with the provider",
        )
    },
    Row {
        codes: &[
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
            "insufficient_quota",
            "insufficient_balance",
        ],
        texts: &[
            "额度不足",
            "余额不足",
            "额度已用尽",
            "额度已用完",
            "预扣费额度失败",
            "quota is not enough",
            "insufficient balance",
            "insufficient credit",
            "credits are depleted",
            "not enough credits",
            "credit balance",
        ],
        ..row(Kind::NoBalance, "The balance at the provider is used up", TOP_UP)
    },
    Row {
        status: &[400, 404],
        codes: &["model_not_found"],
        texts: &[
            "is not found for api version",
            "is not supported for generatecontent",
            "model not found",
            "no longer available",
        ],
        ..row(
            Kind::ModelNotFound,
            "The provider does not have this model",
            ANOTHER_MODEL,
        )
    },
    Row {
        status: &[404],
        codes: &["NOT_FOUND"],
        ..row(
            Kind::ModelNotFound,
            "The provider does not have this model",
            ANOTHER_MODEL,
        )
    },
    Row {
        codes: &["model_not_found"],
        texts: &["no available channel", "无可用渠道"],
        ..row(
            Kind::NoChannel,
            "This token's group does not offer the model",
            "Choose another token group at the relay (Anyfast: Direct), or another model",
        )
    },
    Row {
        codes: &["channel:no_available_key", "channel:invalid_key"],
        ..row(
            Kind::NoChannel,
            "The relay has no working key for the model behind it",
            "Choose another token group at the relay, or another relay",
        )
    },
    Row {
        codes: &["model_price_error"],
        ..row(
            Kind::NoChannel,
            "The relay has set no price for this model, so it does not serve it",
            "Choose another model or relay",
        )
    },
    Row {
        codes: &[
            "sensitive_words_detected",
            "prompt_blocked",
            "content_filter",
            "content_policy_violation",
            "moderation_blocked",
        ],
        texts: &[
            "敏感词",
            "sensitive words detected",
            "content policy",
            "safety system",
            "prompt was blocked",
        ],
        ..row(
            Kind::Blocked,
            "A filter before the model refused the prompt",
            CHANGE_PROMPT,
        )
    },
    Row {
        codes: &["read_request_body_failed"],
        texts: &[
            "payload size exceeds",
            "request entity too large",
            "payload too large",
            "request body too large",
            "exceeds the maximum number of tokens",
            "maximum context length",
            "prompt is too long",
            "input is too long",
        ],
        ..row(
            Kind::TooLarge,
            "The request is too large for the provider",
            SMALLER,
        )
    },
    Row {
        status: &[500],
        codes: &["invalid_request"],
        ..REFUSED
    },
    Row {
        codes: &["empty_response", "read_response_body_failed"],
        again: Again::Paid,
        ..row(
            Kind::Server,
            "The relay lost the answer of the model behind it",
            BY_HAND,
        )
    },
    Row {
        codes: &["do_request_failed", "bad_response_body"],
        again: Again::Yes,
        ..row(
            Kind::Server,
            "The relay could not reach the model behind it",
            LATER,
        )
    },
    Row {
        codes: &[
            "system_cpu_overloaded",
            "system_memory_overloaded",
            "system_disk_overloaded",
        ],
        again: Again::Yes,
        ..row(Kind::Overloaded, "The relay is overloaded", LATER)
    },
    Row {
        codes: &["MODEL_CAPACITY_EXHAUSTED"],
        ..row(Kind::Overloaded, "The model has no free capacity", LATER)
    },
    Row {
        codes: &["SERVICE_DISABLED"],
        ..row(
            Kind::Permission,
            "The Gemini API is switched off for this key's project",
            "Enable the Generative Language API in the project's console",
        )
    },
    Row {
        texts: &["inline_data.data' (type_bytes)", "inlinedata.data' (type_bytes)"],
        ..UNREADABLE
    },
    Row {
        texts: &["thought_signature", "thought signature", "base64 decoding failed"],
        ..row(
            Kind::Signature,
            "The provider does not accept this conversation's history",
            "Continue from the picture only: it becomes the reference of a fresh request",
        )
    },
    Row {
        texts: &[
            "thinking is not enabled",
            "thinking level",
            "thinking_level",
            "thinking budget",
        ],
        ..row(
            Kind::BadRequest,
            "The model refuses the thinking settings",
            "Switch thinking off for this model",
        )
    },
    Row {
        texts: &["multiple candidates is not enabled"],
        ..row(
            Kind::BadRequest,
            "The model makes one picture per request",
            "Ask for variants one by one",
        )
    },
    Row {
        texts: &[
            "unable to process input image",
            "empty inlinedata",
            "provided image is not valid",
            "unsupported mime type",
        ],
        ..UNREADABLE
    },
    Row {
        texts: &[
            "plain http request was sent to https port",
            "sent an http request to an https server",
            "speaking plain http to an ssl-enabled server",
        ],
        ..row(
            Kind::WrongAddress,
            "The provider speaks https on this port, and its address says http",
            "Give the address with https:// in front",
        )
    },
    Row {
        status: &[400, 404, 405],
        texts: &[
            "cannot post /",
            "no route matched",
            "unknown endpoint",
            "unsupported endpoint",
            "unsupported api version",
            "unknown api version",
            "invalid api version",
            "invalid path",
        ],
        ..row(
            Kind::WrongAddress,
            "There is no such API at this address",
            CHECK_ADDRESS,
        )
    },
    Row {
        texts: &["invalid url ("],
        ..row(
            Kind::WrongAddress,
            "This address has no native Gemini interface",
            CHECK_ADDRESS,
        )
    },
    Row {
        texts: &["普通用户不支持指定渠道"],
        ..row(
            Kind::Permission,
            "The key names a channel, which only an administrator may do",
            "Leave out what follows the key's last dash",
        )
    },
    Row {
        texts: &[
            "ip 不在",
            "ip不在",
            "不在令牌允许访问",
            "ip not allowed",
            "ip address is not allowed",
        ],
        ..row(
            Kind::Permission,
            "This token may not be used from your address",
            "Allow your IP address in the token's settings",
        )
    },
    Row {
        texts: &["无权访问", "无权使用"],
        ..row(
            Kind::Permission,
            "This token may not use that group or model",
            "Change the token's group or its list of models at the relay",
        )
    },
    Row {
        texts: &["请求数限制"],
        again: Again::Yes,
        ..RATE
    },
];
