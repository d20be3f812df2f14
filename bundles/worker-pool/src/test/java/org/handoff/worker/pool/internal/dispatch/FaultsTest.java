package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * System calls that fail in the monitor or in a worker, one kind after the other, injected by strace: each client is
 * answered, or its connection ends, in time; afterwards everything is as before.
 */
@Timeout(600)
class FaultsTest {

    private static final int CALL_SECONDS = 10;

    /** The log has it once a minute of each worker. */
    private static final String NOT_TAKEN = "(pid %d) cannot take connections, ";

    private static final String GIVEN_UP = "(pid %d) has given up connections, ";
    /** Lines of workers begin with their id. */
    private static final String NOT_WATCHED = "] The system does not watch descriptor ";

    /**
     * @param injection what fails, as strace has it
     * @param noticed whether clients may notice
     * @param counted what the log has before the count; empty if it need not have one
     */
    private record Fault(String injection, boolean noticed, String counted) {

        static Fault noticed(String injection) {
            return new Fault(injection, true, "");
        }

        String calls() {
            return injection.substring(0, injection.indexOf(':'));
        }

        static Fault unnoticed(String injection) {
            return new Fault(injection, false, "");
        }

        Fault counted(String line) {
            return new Fault(injection, noticed, line);
        }
    }

    private static final List<Fault> IN_A_WORKER = List.of(
            Fault.unnoticed("sendmsg:error=ENOBUFS:when=1+2"),
            Fault.unnoticed("sendmsg:error=ETOOMANYREFS:when=1+2"),
            Fault.unnoticed("recvmsg:error=ENOMEM:when=1+3"),
            Fault.unnoticed("getsockopt:error=EINVAL:when=1+2").counted(NOT_TAKEN),
            Fault.unnoticed("epoll_ctl:error=ENOMEM:when=1+2"),
            Fault.unnoticed("epoll_ctl:error=ENOSPC:when=2+3"),
            Fault.noticed("epoll_ctl:error=ENOMEM").counted(NOT_WATCHED),
            Fault.noticed("sendto:error=ENOBUFS:when=1+2").counted(GIVEN_UP),
            Fault.noticed("recvfrom,read:error=ENOMEM:when=2+3"),
            Fault.noticed("writev:error=ENOMEM").counted(GIVEN_UP),
            Fault.noticed("sendfile:error=EIO").counted(GIVEN_UP),
            Fault.noticed("shutdown:error=ENOBUFS"));

    private static final List<Fault> MORE_IN_A_WORKER = List.of(
            Fault.noticed("sendto:error=ENOBUFS"),
            Fault.noticed("sendto:error=EPIPE:when=2+3"),
            Fault.noticed("sendmsg:error=ENOMEM"),
            Fault.noticed("sendmsg:error=ETOOMANYREFS"),
            Fault.unnoticed("recvmsg:error=ENOBUFS:when=1+2"),
            Fault.noticed("getsockopt:error=ENOBUFS"),
            Fault.unnoticed("getsockname,getpeername:error=ENOBUFS"),
            Fault.unnoticed("setsockopt:error=EINVAL"),
            Fault.noticed("recvfrom:error=EIO"),
            Fault.noticed("recvfrom:error=ECONNRESET:when=3+4"),
            Fault.noticed("writev:error=ENOBUFS:when=2+2"),
            Fault.noticed("sendfile:error=ENOMEM:when=2+2"),
            Fault.noticed("pwrite64:error=ENOSPC"),
            Fault.noticed("pwrite64:error=EIO:when=2+3"),
            Fault.noticed("pread64:error=EIO:when=1+2"),
            Fault.unnoticed("ftruncate:error=EIO"),
            Fault.noticed("write:error=EIO:when=5+7"),
            Fault.noticed("openat:error=EMFILE:when=3+4"),
            Fault.unnoticed("dup,dup3:error=EMFILE"),
            Fault.unnoticed("epoll_wait,epoll_pwait,epoll_pwait2:error=EINTR:when=2+3"),
            Fault.unnoticed("timerfd_settime:error=ENOMEM:when=3+40"),
            Fault.noticed("mmap:error=ENOMEM:when=3+5"));

    private static final List<Fault> IN_THE_MONITOR = List.of(
            Fault.unnoticed("epoll_ctl:error=ENOMEM:when=1+2").counted(" - The system does not watch descriptor "),
            Fault.unnoticed("sendmsg:error=ENOBUFS:when=1+2"),
            Fault.unnoticed("accept4:error=ECONNABORTED:when=1+2"),
            Fault.unnoticed("accept4:error=EMFILE:when=1+3").counted("cannot accept on "),
            Fault.noticed("recvfrom,read:error=ENOBUFS:when=2+3"));

    private static final List<Fault> MORE_IN_THE_MONITOR = List.of(
            Fault.noticed("epoll_ctl:error=ENOSPC"),
            Fault.unnoticed("accept4:error=ENFILE:when=1+3"),
            Fault.unnoticed("accept4:error=ENOBUFS:when=1+3"),
            Fault.unnoticed("accept4:error=EPROTO:when=1+2"),
            Fault.unnoticed("sendmsg:error=ETOOMANYREFS:when=1+2"),
            Fault.noticed("sendmsg:error=ENOMEM"),
            Fault.unnoticed("recvmsg:error=ENOMEM:when=2+3"),
            Fault.noticed("recvmsg:error=ENOBUFS"),
            Fault.noticed("getsockopt:error=EINVAL"),
            Fault.unnoticed("setsockopt:error=EINVAL"),
            Fault.noticed("shutdown:error=ENOBUFS"),
            Fault.noticed("pread64:error=EIO"),
            Fault.noticed("sendto:error=ENOBUFS"),
            Fault.unnoticed("epoll_wait,epoll_pwait,epoll_pwait2:error=EINTR:when=2+3"),
            Fault.unnoticed("timerfd_settime:error=ENOMEM:when=3+40"),
            Fault.noticed("dup,dup3:error=EMFILE"));

    @TempDir
    static Path folder;

    private static FaultServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = new FaultServerProcess(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void whatFailsInAWorkerLeavesNobodyWaiting() throws Exception {
        injectAll(IN_A_WORKER, MORE_IN_A_WORKER, false);
    }

    @Test
    void whatFailsInTheMonitorLeavesNobodyWaiting() throws Exception {
        injectAll(IN_THE_MONITOR, MORE_IN_THE_MONITOR, true);
    }

    @Test
    void filesThatTheMonitorHasNoDescriptorForAreMissedByNobody() throws Exception {
        FaultServerProcess.Counts before = server.settled();
        Load load = new Load(server.port());
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 2 * FaultServer.WORKERS; i++) {
            Socket socket = new Socket();
            // It takes little at a time: something is left of a large response when its handler has returned.
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            Client client = new Client(socket);
            clients.add(client);
            assertTrue(load.request(client, "/p/small"));
        }
        Process strace = attach(server.pid(), "trace=recvmsg");
        server.limitDescriptors(server.lowestFree());
        try {
            for (Client client : clients) {
                assertTrue(load.request(client, "/p/upload"));
                assertTrue(load.request(client, "/p/bytes"));
                client.close();
            }
        } finally {
            server.limitDescriptors(FaultServerProcess.ENOUGH);
            detach(strace);
        }
        assertTrue(load.isAnswered(), load::toString);
        assertTrue(traced("MSG_CTRUNC") > 0, "a file has not arrived");
        assertTrue(server.isSettled(before));
        assertTrue(new Load(server.port()).run().isAnswered());
    }

    private static void injectAll(List<Fault> faults, List<Fault> more, boolean inMonitor) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Fault fault : faults) {
            assertTrue(inject(fault, inMonitor, wrong) > 0, "nothing makes the call: " + fault);
        }
        if (Integer.getInteger("handoff.long", 1) > 1) {
            for (Fault fault : more) {
                inject(fault, inMonitor, wrong);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** @return how many calls have failed */
    private static long inject(Fault fault, boolean inMonitor, List<String> wrong) throws Exception {
        FaultServerProcess.Counts before = server.settled();
        Load load = new Load(server.port());
        long pid = inMonitor ? server.pid() : before.workers().firstKey();
        Process strace = attach(pid, "trace=" + fault.calls(), "inject=" + fault.injection());
        try {
            // Connections may go to another worker: to one that could not take one before, for a second.
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CALL_SECONDS);
            do {
                load.run();
            } while (traced("(INJECTED)") == 0 && System.nanoTime() - deadline < 0);
        } finally {
            detach(strace);
        }
        long injections = traced("(INJECTED)");
        String what = fault.injection() + (inMonitor ? " in the monitor: " : " in a worker: ") + injections
                + " injected; " + load;
        System.out.println(what);
        if (load.hasWaitedInVain() || !fault.noticed() && !load.isAnswered()) {
            wrong.add(what);
        }
        if (!server.isSettled(before)) {
            wrong.add(what + "; left behind: " + server.counts() + ", before: " + before);
        }
        if (!Await.happens(() -> server.hasLogged(String.format(fault.counted(), pid)))) {
            wrong.add(what + "; not counted in the log");
        }
        Load afterwards = new Load(server.port()).run();
        if (!afterwards.isAnswered()) {
            wrong.add(what + "; afterwards: " + afterwards);
        }
        return injections;
    }

    /** Traces a running process; returns once strace has all its threads. */
    private static Process attach(long pid, String... expressions) throws Exception {
        Path output = folder.resolve("strace.out");
        List<String> command = new ArrayList<>(List.of(
                "strace", "-f", "-qq", "-o", folder.resolve("strace.log").toString(), "-p", Long.toString(pid)));
        Stream.of(expressions).forEach(expression -> command.addAll(List.of("-e", expression)));
        Process strace = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        File tasks = new File("/proc/" + pid + "/task");
        await(
                "strace to attach, or to end",
                () -> !strace.isAlive()
                        || Stream.of(tasks.list())
                                .allMatch(task -> isTraced(tasks.toPath().resolve(task))));
        String said = Files.readString(output);
        assumeTrue(strace.isAlive() || !said.contains("not permitted"), "tracing is not permitted here");
        assertTrue(strace.isAlive(), "strace: " + said);
        return strace;
    }

    private static boolean isTraced(Path task) {
        try {
            return !Files.readString(task.resolve("status")).contains("TracerPid:\t0\n");
        } catch (IOException e) {
            // It has ended.
            return true;
        }
    }

    private static void detach(Process strace) throws Exception {
        // Not by force: it takes its hands off first.
        strace.destroy();
        assertTrue(strace.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "strace lets go");
    }

    private static long traced(String what) throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve("strace.log"), ISO_8859_1)) {
            return lines.filter(line -> line.contains(what)).count();
        }
    }
}
