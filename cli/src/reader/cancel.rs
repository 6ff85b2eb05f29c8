//! Ctrl-C during a tap, and every other wish of the system that the program end: the tap is cancelled and the card
//! powered off, instead of the program dying with a card that still holds its PIN state.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceLock};
use std::time::{Duration, Instant};

use crate::screen;

static LISTENING: Once = Once::new();
static PRESSED: AtomicBool = AtomicBool::new(false);
static FIRST: OnceLock<Instant> = OnceLock::new();
/// How many cards this program holds, each perhaps with its PIN state.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// A held card that has not been left so long after the first wish has a reader that hangs: longer than two exchanges, the
/// one under way and the closing select, may take.
const LONGEST: Duration = Duration::from_secs(12);

/// A card is held: until this is dropped the program does not leave it behind, however often it is asked to end.
#[derive(Debug)]
pub(super) struct Held(());

impl Held {
    pub(super) fn begin() -> Self {
        HELD.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether somebody pressed Ctrl-C, closed the terminal or asked the program to end. From the first
/// [`Cancel::listen`] on, none of these ends the program by itself; whoever drives a tap asks here between two
/// exchanges.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel(Option<Arc<AtomicBool>>);

impl Cancel {
    /// Begins to listen, once for the whole program.
    pub(crate) fn listen() -> Self {
        LISTENING.call_once(|| {
            std::thread::spawn(|| {
                // Without a runtime Ctrl-C keeps ending the program, as it does everywhere else.
                let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else {
                    return;
                };
                let _ = runtime.block_on(listen());
            });
        });
        Self(None)
    }

    /// A switch of its own, for tests.
    #[cfg(test)]
    pub(crate) fn by(switch: &Arc<AtomicBool>) -> Self {
        Self(Some(Arc::clone(switch)))
    }

    /// Whether it was pressed.
    pub(crate) fn is_pressed(&self) -> bool {
        match &self.0 {
            Some(switch) => switch.load(Ordering::Relaxed),
            None => PRESSED.load(Ordering::Relaxed),
        }
    }
}

/// Pressed a second time the program ends at once: nobody wants to wait any longer. But not with a card that may still hold
/// its PIN state: another program could have it sign.
fn pressed() {
    let first = FIRST.get_or_init(Instant::now);
    if !PRESSED.swap(true, Ordering::SeqCst) {
        return;
    }
    if HELD.load(Ordering::SeqCst) > 0 && first.elapsed() < LONGEST {
        return screen::note("カードとの通信を終えています。お待ちください。");
    }
    crate::photo::forget();
    crate::keyboard::give_back();
    std::process::exit(130);
}

#[cfg(unix)]
async fn listen() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate, mut hangup) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        pressed();
    }
}

#[cfg(windows)]
async fn listen() -> io::Result<()> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

    let (mut interrupt, mut pause, mut close, mut shutdown) =
        (ctrl_c()?, ctrl_break()?, ctrl_close()?, ctrl_shutdown()?);
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = pause.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
        pressed();
    }
}
