package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.annotation.JacksonAnnotation;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.dynamic.Dynamic;
import org.handoff.itests.handlers.kinds.jackson.Jackson;
import org.handoff.itests.handlers.kinds.nativecode.NativeCode;
import org.handoff.itests.handlers.kinds.provider.Provider;
import org.handoff.itests.handlers.kinds.referring.Referring;
import org.handoff.itests.handlers.kinds.registered.Activator;
import org.handoff.itests.handlers.kinds.spifly.SpiFly;
import org.handoff.itests.handlers.kinds.tccl.ContextClassLoader;
import org.handoff.itests.handlers.library.Words;
import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.Features;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Kar;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Workers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bundles of the kinds that Karaf runs have the same outcome in a worker, all in one pool. */
@ExtendWith(OurKaraf.class)
@TestInstance(Lifecycle.PER_CLASS)
class KindsOfBundlesTest {

    private static final String NAME = "test.kinds.";
    private static final String LIBRARY = NAME + "library";
    private static final String KAR = "kinds.kar";
    private static final String WORDS = Words.class.getName();

    private static final Map<String, String> OUTCOMES = Map.of(
            "dynamic", "Words",
            "jackson", "{\"numbers\":[1,2]}",
            "nativecode", "process this",
            "referring", "registered",
            "spifly", "provided",
            "tccl", "7");

    private final Karaf karaf;
    private final Workers workers;
    private final Features spiFly;
    private final List<String> jars = new ArrayList<>();

    KindsOfBundlesTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.spiFly = new Features(
                karaf,
                "mvn:org.apache.karaf.features/specs/" + System.getProperty("karaf.version") + "/xml/features",
                "spifly");
    }

    @BeforeAll
    void deploy() throws Exception {
        spiFly.install();
        workers.configure("bundles", LIBRARY);
        for (Class<?> one : List.of(JacksonAnnotation.class, JsonFactory.class, ObjectMapper.class)) {
            deploy(
                    one.getSimpleName(),
                    new File(one.getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI())
                            .toPath());
        }
        deploy("library", HandlerBundle.build(LIBRARY, Words.class, "Export-Package", Words.class.getPackageName()));
        deploy(
                "provider",
                HandlerBundle.build(
                        NAME + "provider",
                        Provider.class,
                        Map.of(
                                "Provide-Capability",
                                "osgi.serviceloader;osgi.serviceloader=" + WORDS,
                                "Require-Capability",
                                "osgi.extender;filter:='(osgi.extender=osgi.serviceloader.registrar)'",
                                "-includeresource",
                                service(WORDS, Provider.class))));
        // In Karaf the bundle that asks for providers finds those that are there when it starts.
        karaf.await(
                "SPI Fly to register the provider",
                () -> karaf.shell("service:list " + WORDS).contains(NAME + "provider"));
        deploy(
                "spifly",
                kind(
                        SpiFly.class,
                        "Require-Capability",
                        "osgi.extender;filter:='(osgi.extender=osgi.serviceloader.processor)',"
                                + "osgi.serviceloader;filter:='(osgi.serviceloader=" + WORDS
                                + ")';cardinality:=multiple"));
        deploy(
                "tccl",
                kind(
                        ContextClassLoader.class,
                        "-includeresource",
                        service("java.util.function.IntSupplier", ContextClassLoader.Provider.class)));
        deploy(
                "nativecode",
                kind(
                        NativeCode.class,
                        "-includeresource",
                        "native/libkind.so=" + CWorker.library(),
                        "Bundle-NativeCode",
                        "native/libkind.so;osname=Linux;processor=x86-64"));
        deploy("dynamic", kind(Dynamic.class, "DynamicImport-Package", "*"));
        deploy("jackson", kind(Jackson.class));
        karaf.deploy(
                Kar.build(
                        "kinds",
                        "1.0.0",
                        Map.of(
                                "referring",
                                kind(Referring.class),
                                "registered",
                                HandlerBundle.build(
                                        NAME + "registered",
                                        Activator.class,
                                        Map.of(
                                                "Bundle-Activator",
                                                Activator.class.getName(),
                                                // Without it Karaf installs no feature with a component that refers to
                                                // it.
                                                "Provide-Capability",
                                                "osgi.service;objectClass:List<String>='java.util.function.Supplier'")))),
                KAR);
    }

    private void deploy(String name, Path bundle) throws IOException {
        String jar = "kinds-" + name + ".jar";
        jars.add(jar);
        karaf.deploy(bundle, jar);
    }

    /** A bundle with the package of that class and what the kinds have in common. */
    private static Path kind(Class<?> type, String... headers) throws Exception {
        Map<String, String> all = new HashMap<>();
        all.put("-dsannotations-options", "inherit");
        all.put("Private-Package", InKaraf.class.getPackageName() + "," + type.getPackageName());
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        return HandlerBundle.build(type.getPackageName().replaceFirst(".*\\.", NAME), type, all);
    }

    /** The resource that names a provider. */
    private static String service(String type, Class<?> provider) {
        return "META-INF/services/" + type + ";literal='" + provider.getName() + "'";
    }

    @AfterAll
    void undeploy() throws Exception {
        karaf.undeploy(KAR);
        for (String jar : jars) {
            karaf.undeploy(jar);
        }
        for (String kind : OUTCOMES.keySet()) {
            karaf.awaitStatus(404, "/kinds/" + kind);
        }
        workers.configure("bundles", "");
        spiFly.uninstall();
    }

    @Test
    void eachHasTheSameOutcomeInKarafAndInAWorker() throws Exception {
        Map<String, String> inKaraf = new TreeMap<>();
        Map<String, String> inWorker = new TreeMap<>();
        for (String kind : OUTCOMES.keySet()) {
            karaf.awaitStatus(200, "/kinds/" + kind);
        }
        for (String kind : OUTCOMES.keySet()) {
            inWorker.put(kind, karaf.get("/kinds/" + kind).text());
            inKaraf.put(
                    kind,
                    karaf.shell("system:property " + InKaraf.property(kind)).strip());
        }
        assertEquals(new TreeMap<>(OUTCOMES), inWorker);
        assertEquals(new TreeMap<>(OUTCOMES), inKaraf);
    }
}
