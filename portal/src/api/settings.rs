//! `POST /v1/settings`: what the device may do now.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shikaku::check::OPEN_CHALLENGES;
use shikaku::guide::Code;
use shikaku::settings::{DeviceSettings, Limits, Phase, SettingsAnswer, SettingsRequest};

use super::caller::{Begun, begin};
use super::exchange::{answer, blocking, ok};
use super::refusal::Refusal;
use crate::app::Service;
use crate::limits::Numbers;
use crate::store::institutions::{self, InstitutionPhase};
use crate::store::keys::Key;
use crate::store::{StoreError, anchors, device_settings, notices};

/// The settings in force, signed by the service key.
#[utoipa::path(
    post,
    path = "/v1/settings",
    request_body = SettingsRequest,
    responses((status = 200, description = "The settings in force", body = SettingsAnswer))
)]
pub(super) async fn settings(State(service): State<Arc<Service>>, request: Request) -> Response {
    let this = Arc::clone(&service);
    answer(this, request, |request| async move {
        let caller = match begin(&service, &request, &service.quotas.requests).await? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(caller, SettingsRequest {}) => caller,
        };
        ok(&SettingsAnswer { settings: signed(&service, &caller.key).await? })
    })
    .await
}

/// The settings of a device as a JWS by the service key.
pub(super) async fn signed(service: &Arc<Service>, key: &Key) -> Result<String, Refusal> {
    let settings = compose(service, key).await?;
    let service = Arc::clone(service);
    blocking(move || settings.sign(service.signer())).await?.map_err(|fault| {
        tracing::error!(%fault, "the service key does not sign");
        Code::ServiceDown.into()
    })
}

/// What an institution's checks count for, in the words of the wire.
pub(super) const fn on_the_wire(phase: InstitutionPhase) -> Phase {
    match phase {
        InstitutionPhase::Live => Phase::Live,
        InstitutionPhase::Trial | InstitutionPhase::Ended => Phase::Test,
    }
}

async fn compose(service: &Service, key: &Key) -> Result<DeviceSettings, StoreError> {
    let institution = &key.institution;
    let mut reader = service.store.read().await?;
    let today = service.today();
    let phase = on_the_wire(institution.phase_on(today));
    let phase_since = match (phase, institution.live_from) {
        (Phase::Live, Some(day)) => day.begins(),
        _ => device_settings::added_at(&mut reader, &institution.code).await?,
    };
    let test_anchors = if institution.is_test { anchors::all(&mut reader).await? } else { Vec::new() };
    Ok(DeviceSettings {
        version: institution.settings_version(today),
        device_id: key.device,
        institution: institution.code.clone(),
        institution_name: institution.name.clone(),
        origin: service.origin.clone(),
        phase,
        phase_since,
        test: institution.is_test,
        visual: institution.visual,
        history: institution.history,
        staff: institutions::staff(&mut reader, &institution.code).await?,
        idle_lock_seconds: u32::try_from(institution.idle_lock_seconds).unwrap_or(u32::MAX),
        limits: limits(service),
        minimum_app_version: device_settings::minimum_app_version(&mut reader).await?,
        notices: notices::shown(&mut reader, &institution.code, service.clock.now()).await?,
        service_keys: service.keys.service.announced().iter().map(|key| encoded(key.spki())).collect(),
        test_anchors: test_anchors.iter().map(|root| encoded(root)).collect(),
    })
}

fn limits(service: &Service) -> Limits {
    let Numbers { checks, visual, .. } = service.quotas.numbers;
    Limits {
        checks_per_minute: u16::try_from(checks.per_minute).unwrap_or(u16::MAX),
        burst: u16::try_from(checks.burst).unwrap_or(u16::MAX),
        visual_per_minute: u16::try_from(visual.per_minute).unwrap_or(u16::MAX),
        open_challenges: u8::try_from(OPEN_CHALLENGES).unwrap_or(u8::MAX),
    }
}

fn encoded(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}
