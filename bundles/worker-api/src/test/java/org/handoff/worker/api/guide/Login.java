package org.handoff.worker.api.guide;

import java.time.Duration;

import org.handoff.worker.api.Cookie;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Parameters;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

class Login implements Handler {

    @Override
    public void handle(Request request, Response response) throws Exception {
        Parameters form = request.formParameters();
        if (!form.required("password").equals("secret")) {
            throw new HttpException(403, "a wrong password");
        }
        response.cookie(Cookie.of("session", "4711")
                .path("/")
                .maxAge(Duration.ofHours(8))
                .secure()
                .httpOnly()
                .sameSite(Cookie.SameSite.LAX));
        response.redirect("/home");
    }
}
