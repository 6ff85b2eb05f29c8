//! What each PC/SC error means to the core, and what a person does about it.

use pcsc::Error;
use shikaku::tap::Fault;

use super::super::ReaderError;

impl From<Error> for ReaderError {
    fn from(error: Error) -> Self {
        let (fault, advice) = meaning(error);
        Self::new(fault, format!("{advice}（{error}）"))
    }
}

const fn meaning(error: Error) -> (Fault, &'static str) {
    match error {
        Error::SharingViolation => (
            Fault::ReaderBusy,
            "ほかのプログラムがカードを使っています。閉じてから、もう一度カードを置いてください",
        ),
        Error::NoSmartcard | Error::RemovedCard => (Fault::TagLost, "カードが離れました"),
        // What drivers make of a card that leaves in the middle of an exchange.
        Error::NotTransacted => (Fault::TagLost, "カードが離れたか、答えませんでした"),
        Error::ResetCard => (Fault::TagLost, "ほかのプログラムがカードをリセットしました"),
        Error::UnpoweredCard | Error::UnresponsiveCard | Error::UnsupportedCard => {
            (Fault::TagLost, "カードが応答しません。向きを確かめて、置き直してください")
        }
        Error::Timeout => (Fault::Timeout, "時間内に応答がありません"),
        Error::Cancelled => (Fault::Cancelled, "中止しました"),
        Error::NoService | Error::ServiceStopped | Error::InvalidHandle | Error::Shutdown => (
            Fault::ReaderAbsent,
            "PC/SC のサービスが動いていません。pcscd（Windows では Smart Card サービス）を起動してください",
        ),
        Error::NoReadersAvailable | Error::UnknownReader | Error::ReaderUnavailable => {
            (Fault::ReaderAbsent, "リーダーがありません。差し直してください")
        }
        Error::SecurityViolation | Error::NoAccess => (
            Fault::ReaderBusy,
            "PC/SC を使う権限がありません。管理者に、この利用者へのカードリーダーの許可（Linux では polkit の設定）を頼んでください",
        ),
        _ => (Fault::ReaderFailed, "リーダーとの通信に失敗しました"),
    }
}

/// Whether the service is away or has been restarted since: a new context may find it again.
pub(super) const fn is_service_gone(error: Error) -> bool {
    matches!(
        error,
        Error::NoService
            | Error::ServiceStopped
            | Error::Shutdown
            | Error::InvalidHandle
            | Error::CommError
            | Error::CommDataLost
    )
}

/// Whether the reader, or the card in it, went between two looks: the next one sees what is there.
pub(super) const fn is_gone(error: Error) -> bool {
    matches!(
        error,
        Error::NoReadersAvailable
            | Error::UnknownReader
            | Error::ReaderUnavailable
            | Error::NoSmartcard
            | Error::RemovedCard
            | Error::UnpoweredCard
            | Error::UnresponsiveCard
    ) || is_service_gone(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_on_the_card_is_said_so() {
        let error = ReaderError::from(Error::SharingViolation);
        assert_eq!(error.fault, Fault::ReaderBusy);
        assert!(error.detail.contains("ほかのプログラム"), "{error}");
    }

    #[test]
    fn a_card_that_is_gone_is_a_lost_tag() {
        for error in [Error::RemovedCard, Error::ResetCard, Error::NoSmartcard, Error::NotTransacted] {
            assert_eq!(ReaderError::from(error).fault, Fault::TagLost);
        }
    }

    #[test]
    fn a_service_that_is_away_is_waited_for_and_another_program_is_not() {
        assert!(
            is_gone(Error::NoService) && is_gone(Error::ReaderUnavailable) && is_gone(Error::RemovedCard)
        );
        assert!(!is_gone(Error::SharingViolation) && !is_gone(Error::SecurityViolation));
    }
}
