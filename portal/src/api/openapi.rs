//! `GET /openapi.json`: the service described by its own handlers (OpenAPI 3.1).

use axum::http::header;
use axum::response::IntoResponse;
use shikaku::http::problem::Problem;
use utoipa::OpenApi;
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};

use super::{challenges, checks, health, keys, registration, settings, terms};

/// The description of the service.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shikaku",
        description = "資格確認限定型オンライン資格確認: registration of devices and signed qualification checks. \
            Every POST but `/v1/registrations/nonce` carries an RFC 9421 signature by the device key over method, \
            authority, path, content type, content digest and Idempotency-Key; every answer to a POST is signed by \
            the service key over its status, type and digest and over the request's method, authority, path, digest \
            and Idempotency-Key. A refusal that is about a device (`device-unknown`, `device-suspended`, \
            `device-revoked`, `institution-ended`) names the request's `keyid` as `key_id`; a client takes it only for \
            its own key. Octets are base64url without padding, times are Unix seconds."
    ),
    paths(
        registration::nonce,
        registration::register,
        settings::settings,
        keys::rotate,
        challenges::challenges,
        checks::check,
        terms::terms,
        health::health,
        document
    ),
    components(schemas(Problem))
)]
struct Document;

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "This document", content_type = "application/json"))
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], described().to_json().unwrap_or_default())
}

/// The document, with the answer that every POST may give besides its own: a problem.
fn described() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for item in document.paths.paths.values_mut() {
        if let Some(operation) = &mut item.post {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let problem = ResponseBuilder::new()
                .description("A refusal (RFC 9457); `code` says which, docs/codes.md what it means")
                .content("application/problem+json", content);
            operation.responses.responses.insert("default".to_owned(), problem.build().into());
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_is_openapi_3_1_and_describes_every_path_and_no_other() {
        let document = serde_json::to_value(described()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let described: BTreeSet<_> =
            document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(described, BTreeSet::from(super::super::PATHS));
    }
}
