package org.handoff.lrwp.agent.internal.config;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The keys of {@code etc/org.handoff.lrwp.cfg}, but for {@code application.NAME} and those of HTTP, which have no fixed
 * names.
 */
@ObjectClassDefinition(name = "Handoff LRWP agent", description = "The listener for peers, and what peers may do")
public @interface LrwpConfig {

    @AttributeDefinition(description = "The address to listen on for peers: 0.0.0.0 or :: for all")
    String address() default "127.0.0.1";

    @AttributeDefinition(description = "The TCP port for peers; 0 for any free one, which the log tells")
    int port() default 1081;

    @AttributeDefinition(description = "Addresses that peers may come from, with commas between: 10.0.0.0/8, ::1")
    String allow() default "127.0.0.0/8, ::1";

    @AttributeDefinition(description = "Applications that may take a context of a handler bundle or a pool; * for all")
    String override() default "";

    @AttributeDefinition(description = "The most peers in all")
    int peers() default 1000;

    @AttributeDefinition(description = "The most peers from one address")
    int peers_per_address() default 500;

    @AttributeDefinition(description = "Seconds that a peer may take for its startup string")
    int startup_timeout() default 10;

    @AttributeDefinition(description = "Seconds that a peer may take to answer, and between two parts of its answer")
    int peer_timeout() default 60;

    @AttributeDefinition(description = "Requests of one context that wait while all its peers are busy")
    int queue_length() default 1000;

    @AttributeDefinition(description = "Seconds that a request waits for a peer")
    int queue_timeout() default 10;

    @AttributeDefinition(
            description =
                    "Whether the peers of a context take turns; otherwise the one that has been free the longest serves")
    boolean round_robin() default false;

    @AttributeDefinition(description = "The folder that PATH_TRANSLATED and DOCUMENT_ROOT name; empty for none")
    String document_root() default "";

    @AttributeDefinition(description = "Whether peers connect by TLS")
    boolean tls() default false;

    @AttributeDefinition(description = "The PKCS #12 file with the key and certificate of the peer port")
    String tls_keystore() default "";

    @AttributeDefinition(description = "The password of the key file")
    String tls_keystore_password() default "";

    @AttributeDefinition(
            description = "The PKCS #12 file with the certificates that peers' own must be signed by; "
                    + "empty where peers need none")
    String tls_truststore() default "";

    @AttributeDefinition(description = "The password of the file of certificates")
    String tls_truststore_password() default "";
}
