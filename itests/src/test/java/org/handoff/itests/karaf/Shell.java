package org.handoff.itests.karaf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;

import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ChannelShell;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.core.CoreModuleProperties;
import org.handoff.testkit.Await;

/** Runs commands in Karaf's shell, as {@code ssh} does. */
public final class Shell implements AutoCloseable {

    /** The user that the tests add; Karaf has none until somebody adds one. */
    static final String USER = "karaf";

    /**
     * How often the session that stays says something. JDK 17's EPollPort, under Karaf's SSH server, forgets what it
     * has heard together with something of a connection just closed, until it hears the next thing: where one session
     * ends as the next one begins, and nobody else says anything, it accepts no session any more.
     */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private final SshClient client = SshClient.setUpDefaultClient();
    private final int port;
    private final String user;
    /** See {@link #HEARTBEAT}; null before the first command. */
    private ClientSession staying;

    Shell(int port) {
        this(port, USER);
    }

    /** Of another user, whose password is the name. */
    Shell(int port, String user) {
        this.port = port;
        this.user = user;
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, HEARTBEAT);
        client.setServerKeyVerifier((session, address, key) -> true);
        client.start();
    }

    /**
     * What came of a command.
     *
     * @param printed without colours
     * @param status 0 where it did what it was to do
     */
    public record Result(String printed, int status) {}

    /** Runs a command and returns what it printed, without colours. */
    String run(String command) throws IOException {
        return execute(command).printed();
    }

    /** Runs a command, in a session of its own, as Karaf ends the session with the command. */
    Result execute(String command) throws IOException {
        stay();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int status;
        try (ClientSession session = session();
                ChannelExec channel = session.createExecChannel(command)) {
            channel.setOut(printed);
            channel.setErr(printed);
            channel.open().verify(Await.DEADLINE);
            if (channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), Await.DEADLINE)
                    .contains(ClientChannelEvent.TIMEOUT)) {
                throw new IOException("the command did not end: " + command);
            }
            status = channel.getExitStatus();
        }
        return new Result(printed.toString(StandardCharsets.UTF_8).replaceAll("\\e\\[[0-9;]*m", ""), status);
    }

    /** Opens the shell as a person has it, in a terminal. */
    Terminal terminal() throws IOException {
        ClientSession session = session();
        try {
            return new Terminal(session);
        } catch (IOException e) {
            session.close();
            throw e;
        }
    }

    private synchronized void stay() throws IOException {
        if (staying == null || !staying.isOpen()) {
            staying = session();
        }
    }

    private ClientSession session() throws IOException {
        ClientSession session =
                client.connect(user, "127.0.0.1", port).verify(Await.DEADLINE).getSession();
        try {
            session.addPasswordIdentity(user);
            session.auth().verify(Await.DEADLINE);
            return session;
        } catch (IOException e) {
            session.close();
            throw e;
        }
    }

    /** The shell in a terminal. */
    public static final class Terminal implements AutoCloseable {

        private final ClientSession session;
        private final ChannelShell channel;
        private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

        private Terminal(ClientSession session) throws IOException {
            this.session = session;
            channel = session.createShellChannel();
            channel.setOut(printed);
            channel.setErr(printed);
            channel.setRedirectErrorStream(true);
            channel.open().verify(Await.DEADLINE);
        }

        public void type(String keys) throws IOException {
            channel.getInvertedIn().write(keys.getBytes(StandardCharsets.UTF_8));
            channel.getInvertedIn().flush();
        }

        /** All that was printed so far. */
        public String printed() {
            return printed.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            channel.close(true);
            session.close();
        }
    }

    @Override
    public void close() {
        client.stop();
    }
}
