//! What an institution is told by mail: every registration, and wrong proofs once a day had five.

use std::sync::Arc;

use shikaku::identifier::AccountId;
use shikaku::registration::{DeviceId, RegistrationRequest};

use crate::app::Service;
use crate::limits::Peer;
use crate::store::StoreError;
use crate::store::accounts::Account;
use crate::store::institutions::Institution;
use crate::store::outbox::{self, Message};

/// 端末の初期登録が行われた.
pub(super) fn registered(
    device: &DeviceId,
    wanted: &RegistrationRequest,
    institution: &Institution,
) -> Message {
    let (account, name) = (&wanted.account_id, &wanted.device_name);
    Message {
        id: format!("registered-{device}"),
        institution: institution.code.clone(),
        kind: "device-registered",
        subject: "【マイナ資格確認アプリ】端末の初期登録が完了しました",
        body: format!(
            "{} 様\n\n資格確認アカウント {account} に端末「{name}」が登録されました。\n\n\
             お心当たりがない場合は、すみやかにこのアカウントを停止し、ユーザー設定情報を再発行してください。\n",
            institution.name
        ),
    }
}

/// Slows the next try of this address for this account down, and tells the institution when it is time.
///
/// The same whether or not there is such an account; the mail is written after the answer, so that its time does not
/// tell either.
pub(super) fn wrong_proof(service: &Arc<Service>, peer: Peer, named: &AccountId, account: Option<Account>) {
    let now = service.clock.now();
    service.wrong_proofs.failed((peer, named.clone()), now);
    // What nobody is to be told of is not counted either, or it could be the fifth that tells.
    let Some(account) = account else { return };
    if !service.alarms.note(named.clone(), now) {
        return;
    }
    let service = Arc::clone(service);
    tokio::spawn(async move {
        if let Err(error) = warn(&service, &account).await {
            tracing::error!(%error, "an institution was not told of wrong proofs");
        }
    });
}

async fn warn(service: &Service, account: &Account) -> Result<(), StoreError> {
    let now = service.clock.now();
    let id = &account.id;
    let message = Message {
        id: format!("wrong-proofs-{id}-{now}"),
        institution: account.institution.clone(),
        kind: "registration-wrong-proofs",
        subject: "【マイナ資格確認アプリ】初期登録の失敗が続いています",
        body: format!(
            "資格確認アカウント {id} の初期登録に、誤った登録コードが5回使われました。\n\n\
             入力誤りのほか、第三者による操作の可能性があります。登録コードは無効になっていません。\n\
             お心当たりがない場合は、ユーザー設定情報を再発行してください。\n"
        ),
    };
    let mut transaction = service.store.begin().await?;
    outbox::put(&mut transaction, &message, now).await?;
    transaction.commit().await
}
