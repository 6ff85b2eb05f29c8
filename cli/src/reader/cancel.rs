//! Ctrl-C during a tap, and every other wish of the system that the program end: the tap is cancelled and the card
//! powered off, instead of the program dying with a card that still holds its PIN state.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

static LISTENING: Once = Once::new();
static PRESSED: AtomicBool = AtomicBool::new(false);

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

/// Pressed a second time: the reader hangs, and the person does not want to wait.
fn pressed() {
    if PRESSED.swap(true, Ordering::Relaxed) {
        crate::photo::forget();
        crate::keyboard::give_back();
        std::process::exit(130);
    }
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
