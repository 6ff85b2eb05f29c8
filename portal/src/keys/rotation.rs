//! Rotation: announce the next key, let it take over later.

use super::{KeyPair, Keys, KeysError, Role, new_key};
use crate::randomness::Randomness;

impl Keys {
    /// Makes and announces a next key. Give apps the new trust entry, let devices fetch their settings, and wait
    /// before [`Keys::take_over`].
    pub fn announce_next(&mut self, role: Role, randomness: &Randomness) -> Result<(), KeysError> {
        if self.pair(role).next.is_some() {
            return Err(KeysError::NextExists);
        }
        self.folder.write_key(role.next(), &new_key(randomness)?)?;
        self.reload(role)
    }

    /// The next key signs from now on; the present one is kept as a former public key.
    pub fn take_over(&mut self, role: Role) -> Result<(), KeysError> {
        let pair = self.pair(role);
        if pair.next.is_none() {
            return Err(KeysError::NoNext);
        }
        let mut former = pair.former.clone();
        if !former.contains(pair.current.public()) {
            former.push(pair.current.public().clone());
        }
        // The public half is kept before the private one goes: a cut between the two loses nothing.
        self.folder.write_public_keys(role.former(), &former)?;
        self.folder.rename(role.next(), role.current())?;
        self.reload(role)
    }

    const fn pair(&self, role: Role) -> &KeyPair {
        match role {
            Role::Portal => &self.portal,
            Role::Service => &self.service,
        }
    }

    fn reload(&mut self, role: Role) -> Result<(), KeysError> {
        let pair = KeyPair::read(&self.folder, role)?;
        match role {
            Role::Portal => self.portal = pair,
            Role::Service => self.service = pair,
        }
        Ok(())
    }
}
