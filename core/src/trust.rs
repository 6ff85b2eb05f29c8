//! Trust list: which services and portals an app believes, and by which keys.
