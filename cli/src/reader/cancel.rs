//! Ctrl-C during a tap: the tap is cancelled and the card powered off, instead of the program dying with a
//! card that still holds its PIN state.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

static LISTENING: Once = Once::new();
static PRESSED: AtomicBool = AtomicBool::new(false);

/// Whether somebody pressed Ctrl-C. From the first [`Cancel::listen`] on, Ctrl-C no longer ends the program by
/// itself; whoever drives a tap asks here between two exchanges.
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
                loop {
                    if runtime.block_on(tokio::signal::ctrl_c()).is_err() {
                        return;
                    }
                    // Pressed a second time: the reader hangs, and the person does not want to wait.
                    if PRESSED.swap(true, Ordering::Relaxed) {
                        std::process::exit(130);
                    }
                }
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
