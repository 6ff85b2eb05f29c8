//! The document and the service say the same: every documented path answers, and real messages fit their schemas.

use serde_json::Value;
use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH, ChallengesRequest};
use shikaku::http::Request;
use shikaku::registration::{
    KEYS_PATH, KeysRequest, NONCE_PATH, NonceRequest, REGISTRATION_PATH, TERMS_PATH,
};
use shikaku::settings::{SETTINGS_PATH, SettingsRequest};
use shikaku_test_database::on_both_engines;

use crate::device::{Device, new_key, new_operation, nonce, post, registration, signed};
use crate::site::{Answered, Site, TEST_INSTITUTION};

on_both_engines! {
    async fn every_documented_path_is_there_and_real_messages_fit_its_schemas(database: Database) {
        let site = Site::start(&database).await;
        let document = document(&site).await;
        let mut device = Device::registered(&site).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        let key = new_key();
        let nonce = nonce(&site, &settings).await.nonce;
        let wanted = registration(&site, &settings, &settings.code, &key, nonce);
        let check = device.next_check(&site).await;
        let exchanges = [
            (NONCE_PATH, post(&site, NONCE_PATH, &NonceRequest { account_id: settings.account.clone() })),
            (REGISTRATION_PATH, signed(&site, REGISTRATION_PATH, &wanted, &key)),
            (SETTINGS_PATH, device.request(&site, SETTINGS_PATH, &SettingsRequest {})),
            // Before further challenges, which may retire its own.
            (CHECKS_PATH, device.request(&site, CHECKS_PATH, &check)),
            (CHALLENGES_PATH, device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 2 })),
            (KEYS_PATH, device.request(&site, KEYS_PATH, &KeysRequest { spki: vec![0; 91], proof: [0; 64] })),
        ];
        for (path, request) in &exchanges {
            let operation = &document["paths"][path]["post"];
            let sent = serde_json::from_slice(&request.body).unwrap();
            fits(&document, &operation["requestBody"]["content"]["application/json"]["schema"], &sent, path);
            let answered = site.send(request).await;
            // The key that is to replace the device's is none: one refusal is among the samples.
            assert_eq!(answered.status, if *path == KEYS_PATH { 401 } else { 200 }, "{path}: {}", answered.text());
            answer_fits(&document, operation, &answered, path);
        }
        let unknown = signed(&site, SETTINGS_PATH, &SettingsRequest {}, &new_key());
        let refused = site.send(&unknown).await;
        assert_eq!(refused.code(), "device-unknown");
        answer_fits(&document, &document["paths"][SETTINGS_PATH]["post"], &refused, "a problem that names a key");
        let posts = document["paths"].as_object().unwrap().values().filter(|item| item.get("post").is_some());
        assert_eq!(posts.count(), exchanges.len());
        let terms = site.send(&get(&site, TERMS_PATH)).await;
        answer_fits(&document, &document["paths"][TERMS_PATH]["get"], &terms, TERMS_PATH);
        assert_eq!(site.send_anyhow(&get(&site, "/healthz")).await.text(), "ok\n");
    }
}

fn get(site: &Site, path: &str) -> Request {
    Request::get(&site.trust().origin, path, &new_operation())
}

async fn document(site: &Site) -> Value {
    serde_json::from_slice(&site.send_anyhow(&get(site, "/openapi.json")).await.body).unwrap()
}

fn answer_fits(document: &Value, operation: &Value, answered: &Answered, path: &str) {
    let status = answered.status.to_string();
    let (response, content_type) = match operation["responses"].get(&status) {
        Some(response) => (response, "application/json"),
        None => (&operation["responses"]["default"], "application/problem+json"),
    };
    assert_eq!(answered.headers.only("content-type"), Ok(content_type), "{path}");
    let body = serde_json::from_slice(&answered.body).unwrap();
    fits(document, &response["content"][content_type]["schema"], &body, path);
}

/// As much of JSON Schema as the document uses.
fn fits(document: &Value, schema: &Value, value: &Value, at: &str) {
    assert!(schema.is_object(), "{at}: no schema");
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(document, &document["components"]["schemas"][name], value, &format!("{at} {name}"));
    }
    if let Some(one_of) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        assert!(one_of.iter().any(|schema| quietly(document, schema, value)), "{at}: {value}");
        return;
    }
    if let Some(all_of) = schema["allOf"].as_array() {
        for schema in all_of {
            fits(document, schema, value, at);
        }
        return;
    }
    assert!(is_of_type(&schema["type"], value), "{at}: {value} is no {}", schema["type"]);
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value}");
    }
    if let Some(text) = value.as_str() {
        let length = u64::try_from(text.chars().count()).unwrap();
        assert!(schema["minLength"].as_u64().is_none_or(|least| least <= length), "{at}: {value}");
        assert!(schema["maxLength"].as_u64().is_none_or(|most| length <= most), "{at}: {value}");
    }
    for item in value.as_array().into_iter().flatten() {
        fits(document, &schema["items"], item, at);
    }
    let Some(members) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(members.contains_key(required.as_str().unwrap()), "{at}: {required} is missing");
    }
    for (name, member) in members {
        let known = &schema["properties"][name];
        assert!(known.is_object(), "{at}: {name} is not documented");
        fits(document, known, member, &format!("{at}.{name}"));
    }
}

fn quietly(document: &Value, schema: &Value, value: &Value) -> bool {
    std::panic::catch_unwind(|| fits(document, schema, value, "one of")).is_ok()
}

fn is_of_type(types: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}
