import groovy.json.JsonSlurper
import org.gradle.work.DisableCachingByDefault

plugins {
    alias(libs.plugins.android.application)
}

// The workspace has one version, and the app has it too.
val workspaceVersion = providers.fileContents(layout.projectDirectory.file("../../Cargo.toml")).asText.map { manifest ->
    checkNotNull(Regex("(?m)^version = \"([0-9.]+)\"$").find(manifest)) { "Cargo.toml names no version" }.groupValues[1]
}.get()

android {
    namespace = "shikaku.app"
    compileSdk = libs.versions.compile.sdk.get().toInt()

    defaultConfig {
        applicationId = "shikaku.app"
        minSdk = libs.versions.min.sdk.get().toInt()
        targetSdk = libs.versions.compile.sdk.get().toInt()
        versionName = workspaceVersion
        // 1.2.3 is 10203.
        versionCode = workspaceVersion.split('.').fold(0) { code, part -> code * 100 + part.toInt() }
        // JNA brings more than the core is built for.
        ndk.abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            // Texts are found by their names; nobody could tell which are in use, and there is little to gain.
            isShrinkResources = false
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    // A list of dependencies that only a shop can read is of no use to a reviewer.
    dependenciesInfo {
        includeInApk = false
        includeInBundle = false
    }
}

dependencies {
    implementation(project(":library"))
}

/** What the operator of a service gives the app: whom it believes and what staff agree to. docs/android.md tells more. */
@DisableCachingByDefault(because = "two small files are read and copied")
abstract class OperatorAssets : DefaultTask() {
    @get:Input
    @get:Optional
    abstract val folder: Property<String>

    /** Whether the list may name test services. */
    @get:Input
    abstract val mayTest: Property<Boolean>

    @get:OutputDirectory
    abstract val assets: DirectoryProperty

    init {
        // Gradle sees the folder's name, not what lies in it.
        outputs.upToDateWhen { false }
    }

    @TaskAction
    fun put() {
        val from = folder.orNull
            ?: throw GradleException("name the operator's folder: -Pshikaku.operator=FOLDER, with trust.json and terms.md")
        val (trust, terms) = listOf("trust.json", "terms.md").map { name ->
            File(from, name).also { if (!it.isFile) throw GradleException("there is no $it") }
        }
        problem(trust)?.let { throw GradleException("$trust: $it") }
        if (terms.readText().isBlank()) throw GradleException("$terms is empty")
        listOf(trust, terms).forEach { it.copyTo(assets.get().file(it.name).asFile, overwrite = true) }
    }

    /** What the core would refuse on the device, as far as its form goes. */
    private fun problem(trust: File): String? {
        val list = try {
            JsonSlurper().parse(trust, "UTF-8") as? Map<*, *>
        } catch (malformed: groovy.json.JsonException) {
            return "is not JSON: ${malformed.message}"
        }
        val entries = (list?.get("entries") as? List<*>)?.filterIsInstance<Map<*, *>>().orEmpty()
        return when {
            entries.isEmpty() -> "names no service"
            entries.any { (it["origin"] as? String)?.startsWith("https://") != true } -> "an origin without https://"
            entries.any { entry -> KEYS.any { (entry[it] as? List<*>).isNullOrEmpty() } } -> "a service without keys"
            !mayTest.get() && entries.any { it["test"] == true } -> "a release names no test service"
            else -> null
        }
    }

    private companion object {
        val KEYS = listOf("portal_keys", "service_keys")
    }
}

androidComponents {
    onVariants { variant ->
        val put = tasks.register<OperatorAssets>("${variant.name}OperatorAssets") {
            folder = providers.gradleProperty("shikaku.operator").map { rootDir.resolve(it).path }
            mayTest = variant.buildType == "debug"
        }
        variant.sources.assets?.addGeneratedSourceDirectory(put, OperatorAssets::assets)
    }
}
