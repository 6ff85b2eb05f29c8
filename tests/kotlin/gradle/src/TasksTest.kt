import java.io.File
import java.nio.file.Files
import org.gradle.api.GradleException
import org.gradle.api.Task
import org.gradle.testfixtures.ProjectBuilder
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The tasks of the Android build, each run by Gradle as it stands in its script. */
class TasksTest {
    @TempDir
    lateinit var folder: File

    private val given get() = folder.resolve("operator")
    private val assets get() = folder.resolve("assets")

    @BeforeEach
    fun give() {
        given.mkdirs()
        given.resolve("trust.json").writeText(list())
        given.resolve("terms.md").writeText("利用規約\n")
    }

    @Test
    fun whatTheOperatorGaveIsInTheAssets() {
        assets.mkdirs()
        assets.resolve("trust.json").writeText("of an earlier build")
        put()
        assertEquals(listOf("terms.md", "trust.json"), assets.list()?.sorted())
        for (name in listOf("trust.json", "terms.md")) {
            assertEquals(-1, Files.mismatch(given.resolve(name).toPath(), assets.resolve(name).toPath()), name)
        }
    }

    @Test
    fun aBuildWithoutAnOperatorEndsAndSaysWhatToName() {
        assertTrue("-Pshikaku.operator=FOLDER" in refused(operator = null))
    }

    @Test
    fun aFileThatIsMissingOrEmptyEndsTheBuild() {
        for (name in listOf("trust.json", "terms.md")) {
            val file = given.resolve(name)
            val before = file.readText()
            file.delete()
            assertEquals("there is no $file", refused())
            file.writeText(" \n")
            assertTrue(file.path in refused(), name)
            file.writeText(before)
        }
        put()
    }

    @Test
    fun aListThatTheCoreWouldRefuseEndsTheBuild() {
        for ((text, why) in mapOf(
            "{" to "is not JSON",
            "[]" to "names no service",
            "{}" to "names no service",
            """{"entries": []}""" to "names no service",
            list(origin = "http://shikaku.example") to "an origin without https://",
            list(origin = null) to "an origin without https://",
            list(keys = "[]") to "a service without keys",
            list(test = true) to "a release names no test service",
        )) {
            given.resolve("trust.json").writeText(text)
            assertTrue(why in refused(), "$text: ${refused()}")
            assertTrue(assets.list().isNullOrEmpty(), text)
        }
    }

    @Test
    fun aDebugBuildMayNameATestService() {
        given.resolve("trust.json").writeText(list(test = true))
        put(mayTest = true)
        assertEquals(list(test = true), assets.resolve("trust.json").readText())
    }

    @Test
    fun theCoreIsBuiltForEveryAbiThatIsShipped() {
        val task = make<CargoNdk> {
            workspace.set(folder)
            ndk.set(folder.resolve("ndk"))
            platform.set("28")
            libraries.set(folder.resolve("jniLibs"))
        }
        task.build()
        val called = File(System.getenv("CARGO_CALLED")).readLines()
        assertEquals(listOf(folder.canonicalPath, folder.resolve("ndk").path), called.take(2))
        val abis = listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        assertEquals(
            listOf("ndk") + abis.flatMap { listOf("--target", it) } +
                listOf("--platform", "28", "--output-dir", folder.resolve("jniLibs").path) +
                listOf("build", "--locked", "--profile", "phone", "--lib", "--package", "shikaku-bindings"),
            called.drop(2),
        )
    }

    private fun list(origin: String? = "https://shikaku.example", keys: String = """["key"]""", test: Boolean = false): String {
        val named = origin?.let { """"origin": "$it", """ }.orEmpty()
        return """{"entries": [{$named"portal_keys": $keys, "service_keys": $keys, "test": $test}]}"""
    }

    private fun put(mayTest: Boolean = false, operator: File? = given) = make<OperatorAssets> {
        operator?.let { folder.set(it.path) }
        this.mayTest.set(mayTest)
        assets.set(this@TasksTest.assets)
    }.put()

    private fun refused(operator: File? = given): String =
        assertThrows(GradleException::class.java) { put(operator = operator) }.message.orEmpty()

    private inline fun <reified T : Task> make(crossinline configure: T.() -> Unit): T {
        val project = ProjectBuilder.builder().withProjectDir(folder.resolve("project").also(File::mkdirs)).build()
        return project.tasks.register("task", T::class.java) { configure() }.get()
    }
}
