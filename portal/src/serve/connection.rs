//! What a connection may cost before anybody has said who he is: a cap on their number, an end to idleness.

use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Accepts a connection only while a place is free, and gives it a stream that ends when idle.
#[derive(Clone)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    idle: Duration,
}

impl Gate {
    /// At most `connections` at a time; one that moves no octet for `idle` is closed.
    pub(super) fn new(connections: usize, idle: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(connections)), idle }
    }

    fn admit<I>(&self, stream: I) -> io::Result<Guarded<I>> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| io::Error::new(io::ErrorKind::ConnectionRefused, "every place is taken"))?;
        Ok(Guarded { stream, deadline: Box::pin(sleep(self.idle)), idle: self.idle, _place: place })
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Guarded<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let admitted = stream.set_nodelay(true).and_then(|()| self.admit(stream));
        ready(admitted.map(|stream| (stream, service)))
    }
}

/// A stream that holds a place, and fails once nothing has moved for too long.
pub(super) struct Guarded<I> {
    stream: I,
    deadline: Pin<Box<Sleep>>,
    idle: Duration,
    _place: OwnedSemaphorePermit,
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

    #[tokio::test]
    async fn a_connection_beyond_the_cap_is_refused_until_one_ends() {
        let gate = Gate::new(1, Duration::from_mins(1));
        let first = gate.admit(duplex(8).0).unwrap();
        assert!(gate.admit(duplex(8).0).is_err());
        drop(first);
        assert!(gate.admit(duplex(8).0).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_moves_nothing_ends_and_one_that_moves_lives_on() {
        let gate = Gate::new(1, Duration::from_mins(1));
        let (mut far, near) = duplex(8);
        let mut near = gate.admit(near).unwrap();
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(50)).await;
            far.write_all(b"x").await.unwrap();
            assert_eq!(near.read_u8().await.unwrap(), b'x');
        }
        assert_eq!(near.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
