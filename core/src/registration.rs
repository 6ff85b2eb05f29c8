//! Initial registration of a device (初期登録) as pure steps.
