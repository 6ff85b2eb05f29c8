//! The signature base of RFC 9421, section 2.5: the text that a signature covers.
//!
//! Generic over components, so that the RFC's own examples pass through it; the one profile that is
//! accepted from outside stands in [`super::signature`].

use sfv::{BareItem, Item, ItemSerializer, List, ListEntry, ListSerializer, Parser};

use super::{Headers, Request, Response};

/// What is signed: a request, or an answer together with the request it answers.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// A request.
    Request(&'a Request),
    /// An answer, and the request that components with `;req` are taken from.
    Answer(&'a Response, &'a Request),
}

/// Why there is no signature base.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseFault {
    /// The text is not one inner list in its canonical serialisation (RFC 9651, section 4.1).
    #[error("the signature input is not a canonical inner list")]
    Form,
    /// A component that is not known, has a parameter that is not known, or does not fit this kind of message.
    #[error("the component {0} is not known here")]
    Unknown(String),
    /// A component stands in the list twice.
    #[error("the component {0} stands in the list twice")]
    Repeated(String),
    /// The message does not have the component, or has it in a form that cannot be signed.
    #[error("the message lacks the component {0}")]
    Missing(String),
}

/// The signature base for `input`, the value of one member of Signature-Input: an inner list with parameters.
pub fn signature_base(message: Message<'_>, input: &str) -> Result<String, BaseFault> {
    let list: List = Parser::new(input).parse().map_err(|_| BaseFault::Form)?;
    let mut canonical = ListSerializer::new();
    canonical.members(&list);
    let [ListEntry::InnerList(components)] = list.as_slice() else { return Err(BaseFault::Form) };
    if canonical.finish().as_deref() != Some(input) {
        return Err(BaseFault::Form);
    }
    let mut base = String::with_capacity(1024);
    let mut seen: Vec<String> = Vec::with_capacity(components.items.len());
    for item in &components.items {
        let identifier = ItemSerializer::new().bare_item(&item.bare_item).parameters(&item.params).finish();
        if seen.contains(&identifier) {
            return Err(BaseFault::Repeated(identifier));
        }
        let value = component_value(message, item, &identifier)?;
        base.push_str(&identifier);
        base.push_str(": ");
        base.push_str(&value);
        base.push('\n');
        seen.push(identifier);
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(input);
    Ok(base)
}

/// The value of one component (RFC 9421, section 2): a derived one, or a header field.
fn component_value(message: Message<'_>, item: &Item, identifier: &str) -> Result<String, BaseFault> {
    let unknown = || BaseFault::Unknown(identifier.to_owned());
    let BareItem::String(name) = &item.bare_item else { return Err(unknown()) };
    let name = name.as_str();
    let mut of_request = false;
    let mut query_name = None;
    for (key, value) in &item.params {
        match (key.as_str(), value) {
            ("req", BareItem::Boolean(true)) => of_request = true,
            ("name", BareItem::String(value)) if name == "@query-param" => query_name = Some(value.as_str()),
            _ => return Err(unknown()),
        }
    }
    let value = match (message, of_request) {
        (Message::Request(request), false) | (Message::Answer(_, request), true) => match name {
            "@method" => Some(request.method.clone()),
            "@authority" => Some(request.authority.clone()),
            "@path" => Some(request.path.clone()),
            "@query" => Some(format!("?{}", request.query.as_deref().unwrap_or_default())),
            "@query-param" => query_name.and_then(|wanted| query_param(request, wanted)),
            _ => field(&request.headers, name).ok_or_else(unknown)?,
        },
        (Message::Answer(answer, _), false) => match name {
            "@status" => Some(answer.status.to_string()),
            _ => field(&answer.headers, name).ok_or_else(unknown)?,
        },
        (Message::Request(_), true) => return Err(unknown()),
    };
    let value = value.ok_or_else(|| BaseFault::Missing(identifier.to_owned()))?;
    if value.bytes().all(|b| matches!(b, b' '..=b'~')) {
        Ok(value)
    } else {
        Err(BaseFault::Missing(identifier.to_owned()))
    }
}

/// A header field's values joined as RFC 9421, section 2.1 says. The outer `None` is a name that cannot be one
/// (a derived component that does not belong here, or capitals); the inner one is a field that is not there.
#[allow(clippy::option_option)] // two kinds of absence, told apart by the only caller
fn field(headers: &Headers, name: &str) -> Option<Option<String>> {
    if name.starts_with('@') || name.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let values: Vec<&str> = headers.all(name).collect();
    Some((!values.is_empty()).then(|| values.join(", ")))
}

/// The value of a query parameter that stands in the query exactly once and needs no decoding.
fn query_param(request: &Request, wanted: &str) -> Option<String> {
    let pairs = request.query.as_deref()?.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    let value = values.next()?;
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-._".contains(&b));
    (plain && values.next().is_none()).then(|| value.to_owned())
}
