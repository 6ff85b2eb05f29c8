plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    // The Android plugin compiles Kotlin by itself; this says with which version.
    alias(libs.plugins.kotlin.android) apply false
}
