package org.handoff.itests;

import org.junit.jupiter.api.extension.ExtendWith;

/** Deployments in our Karaf. */
@ExtendWith(OurKaraf.class)
class DeploymentTest extends DeploymentRows {

    DeploymentTest(Karaf karaf) {
        super(karaf);
    }
}
