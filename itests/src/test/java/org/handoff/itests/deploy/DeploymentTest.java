package org.handoff.itests.deploy;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.extension.ExtendWith;

/** Deployments in our Karaf. */
@ExtendWith(OurKaraf.class)
class DeploymentTest extends DeploymentRows {

    DeploymentTest(Karaf karaf) {
        super(karaf);
    }
}
