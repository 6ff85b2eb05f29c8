//! What a connection may cost before anybody has said who he is: a cap on their number, an end to idleness.

use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use crate::limits::Peer;

/// Accepts a connection only while a place is free, and gives it a stream that ends when idle.
#[derive(Clone)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<Peer, usize>>>,
    each: usize,
    idle: Duration,
}

/// A place that a peer has taken; free again when dropped.
struct Place {
    peer: Peer,
    taken: Arc<Mutex<HashMap<Peer, usize>>>,
    _seat: OwnedSemaphorePermit,
}

impl Gate {
    /// At most `all` connections at a time, and at most `each` from one peer; one that moves no octet for `idle` is
    /// closed.
    pub(super) fn new(all: usize, each: usize, idle: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(all)), taken: Arc::default(), each, idle }
    }

    fn admit<I>(&self, stream: I, peer: Peer) -> io::Result<Guarded<I>> {
        let refused = || io::Error::new(io::ErrorKind::ConnectionRefused, "every place is taken");
        let seat = Arc::clone(&self.places).try_acquire_owned().map_err(|_| refused())?;
        {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let count = taken.entry(peer).or_default();
            if *count >= self.each {
                return Err(refused());
            }
            *count += 1;
        }
        let place = Place { peer, taken: Arc::clone(&self.taken), _seat: seat };
        Ok(Guarded { stream, deadline: Box::pin(sleep(self.idle)), idle: self.idle, _place: place })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.peer) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Guarded<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let admitted = stream
            .set_nodelay(true)
            .and_then(|()| stream.peer_addr())
            .and_then(|address| self.admit(stream, Peer::of(address.ip())));
        ready(admitted.map(|stream| (stream, service)))
    }
}

/// A stream that holds a place, and fails once nothing has moved for too long.
pub(super) struct Guarded<I> {
    stream: I,
    deadline: Pin<Box<Sleep>>,
    idle: Duration,
    _place: Place,
}

impl<I> Guarded<I> {
    fn moved<T>(&mut self, progress: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.deadline.as_mut().reset(Instant::now() + self.idle);
            return progress;
        }
        self.deadline.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Guarded<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.stream).poll_read(context, into);
        self.moved(progress, context)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Guarded<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.stream).poll_write(context, octets);
        self.moved(progress, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn peer(last: u8) -> Peer {
        Peer::of([192, 0, 2, last].into())
    }

    #[tokio::test]
    async fn a_connection_beyond_the_cap_is_refused_until_one_ends() {
        let gate = Gate::new(2, 9, Duration::from_mins(1));
        let first = gate.admit(duplex(8).0, peer(1)).unwrap();
        let _second = gate.admit(duplex(8).0, peer(2)).unwrap();
        assert!(gate.admit(duplex(8).0, peer(3)).is_err());
        drop(first);
        assert!(gate.admit(duplex(8).0, peer(3)).is_ok());
    }

    #[tokio::test]
    async fn one_peer_cannot_take_every_place() {
        let gate = Gate::new(9, 2, Duration::from_mins(1));
        let first = gate.admit(duplex(8).0, peer(1)).unwrap();
        let _second = gate.admit(duplex(8).0, peer(1)).unwrap();
        assert!(gate.admit(duplex(8).0, peer(1)).is_err());
        assert!(gate.admit(duplex(8).0, peer(2)).is_ok());
        drop(first);
        assert!(gate.admit(duplex(8).0, peer(1)).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_moves_nothing_ends_and_one_that_moves_lives_on() {
        let gate = Gate::new(1, 1, Duration::from_mins(1));
        let (mut far, near) = duplex(8);
        let mut near = gate.admit(near, peer(1)).unwrap();
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(50)).await;
            far.write_all(b"x").await.unwrap();
            assert_eq!(near.read_u8().await.unwrap(), b'x');
        }
        assert_eq!(near.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
