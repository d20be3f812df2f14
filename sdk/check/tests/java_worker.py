"""A Java worker's command, with a bundle whose handler is quick, slow or large, as its request says."""

import os
import pathlib
import subprocess
import zipfile

RUNTIME = "HANDOFF_WORKER_RUNTIME_JAR"
API = "HANDOFF_WORKER_API_JAR"

SOURCE = """
import java.nio.charset.StandardCharsets;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

public class Checked implements Handler {

    @Override
    public void handle(Request request, Response response) throws Exception {
        String query = request.query();
        if (query.startsWith("ms=")) {
            Thread.sleep(Long.parseLong(query.substring(3)));
        }
        if (query.startsWith("bytes=")) {
            response.send(new byte[Integer.parseInt(query.substring(6))]);
        } else {
            response.send("hello\\n".getBytes(StandardCharsets.UTF_8));
        }
    }
}
"""

COMPONENT = """<scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="Checked">
<implementation class="Checked"/><service><provide interface="org.handoff.worker.api.Handler"/></service>
<property name="handoff.context" value="/checked"/></scr:component>
"""

MANIFEST = """Manifest-Version: 1.0
Bundle-ManifestVersion: 2
Bundle-SymbolicName: checked
Bundle-Version: 1.0.0
Service-Component: OSGI-INF/checked.xml
Import-Package: org.handoff.worker.api
Require-Capability: osgi.extender;filter:="(osgi.extender=osgi.component)"
"""


def command(directory):
    """Makes what the worker serves in this directory. The variables name jars that the build has made."""
    runtime = os.environ[RUNTIME]
    api = os.environ[API]
    home = os.environ.get("JAVA_HOME")
    bin_of = (home + "/bin/") if home else ""
    directory = pathlib.Path(directory)
    (directory / "Checked.java").write_text(SOURCE)
    subprocess.run(
        [bin_of + "javac", "--release", "17", "-cp", api, "-d", str(directory), str(directory / "Checked.java")],
        check=True,
    )
    with zipfile.ZipFile(directory / "checked.jar", "w") as bundle:
        bundle.writestr("META-INF/MANIFEST.MF", MANIFEST)
        bundle.writestr("OSGI-INF/checked.xml", COMPONENT)
        bundle.write(directory / "Checked.class", "Checked.class")
    # Half a worker's start is loading classes.
    archive = directory / "classes.jsa"
    subprocess.run(
        [bin_of + "java", "-XX:+UseSerialGC", "-XX:ArchiveClassesAtExit=%s" % archive, "-jar", runtime, "--warm-up"],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    temporary = directory / "tmp"
    temporary.mkdir()
    generation = directory / "generation.properties"
    generation.write_text(
        "generation=1\nbundle.1=%s\nhandler.1.bundle=1\nhandler.1.component=Checked\n"
        "handler.1.context.1=/checked\nhttp.idle.timeout=5\n" % (directory / "checked.jar")
    )
    return [
        bin_of + "java",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:SharedArchiveFile=%s" % archive,
        "-Djava.io.tmpdir=%s" % temporary,
        "-jar",
        runtime,
        str(generation),
    ]
