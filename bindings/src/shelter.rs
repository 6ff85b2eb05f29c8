//! Where a panic ends: here. uniffi would hand it on, and of that Kotlin and Python make an exception that nobody declared,
//! Swift the end of the app.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What `work` gives, or `otherwise`, should it panic. What it holds by then lies behind locks: a tap that panicked is
/// over, and a terminal shows what it has.
pub(crate) fn sheltered<T>(work: impl FnOnce() -> T, otherwise: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| otherwise())
}

/// What `work` gives in the end; nothing, should it panic on the way.
pub(crate) async fn sheltered_call<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| sheltered(|| work.as_mut().poll(context).map(Some), || Poll::Ready(None)))
        .await
}
