import javax.inject.Inject
import org.gradle.process.ExecOperations
import org.gradle.work.DisableCachingByDefault

plugins {
    alias(libs.plugins.android.library)
}

android {
    namespace = "shikaku.library"
    compileSdk = libs.versions.compile.sdk.get().toInt()
    ndkVersion = libs.versions.ndk.get()

    defaultConfig {
        minSdk = libs.versions.min.sdk.get().toInt()
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets.named("main") {
        kotlin.directories += "../../bindings/generated/kotlin"
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    api(libs.coroutines)
    implementation(libs.zxing)
    // With its own native part for every ABI, which the jar has not.
    api(libs.jna) { artifact { type = "aar" } }
}

/** The core for every ABI that is shipped. What is out of date cargo knows best, so it is always asked. */
@DisableCachingByDefault(because = "cargo keeps what it built")
abstract class CargoNdk @Inject constructor(private val operations: ExecOperations) : DefaultTask() {
    @get:Internal
    abstract val workspace: DirectoryProperty

    @get:Internal
    abstract val ndk: DirectoryProperty

    @get:Input
    abstract val platform: Property<String>

    /** Where the libraries go, one folder for each ABI. */
    @get:OutputDirectory
    abstract val libraries: DirectoryProperty

    init {
        outputs.upToDateWhen { false }
    }

    @TaskAction
    fun build() {
        val targets = listOf("arm64-v8a", "armeabi-v7a", "x86_64").flatMap { listOf("--target", it) }
        val where = listOf("--platform", platform.get(), "--output-dir", libraries.get().asFile.path)
        val what = listOf("build", "--locked", "--profile", "phone", "--lib", "--package", "shikaku-bindings")
        operations.exec {
            workingDir(workspace)
            environment("ANDROID_NDK_HOME", ndk.get().asFile.path)
            commandLine(listOf("cargo", "ndk") + targets + where + what)
        }
    }
}

val cargoNdk = tasks.register<CargoNdk>("cargoNdk") {
    workspace = layout.projectDirectory.dir("../..")
    ndk = androidComponents.sdkComponents.ndkDirectory
    platform = libs.versions.min.sdk
}

androidComponents {
    onVariants { variant ->
        variant.sources.jniLibs?.addGeneratedSourceDirectory(cargoNdk, CargoNdk::libraries)
    }
}
