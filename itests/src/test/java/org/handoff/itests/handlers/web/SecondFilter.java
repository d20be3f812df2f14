package org.handoff.itests.handlers.web;

import javax.servlet.Filter;

import org.osgi.service.component.annotations.Component;

/** One of several filters, in the order of their rankings. */
@Component(
        service = Filter.class,
        property = {
            "service.ranking:Integer=100",
            "osgi.http.whiteboard.filter.regex=/do/f.*",
            "osgi.http.whiteboard.filter.asyncSupported:Boolean=true",
            "filter.init.mark=b",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)"
        })
public class SecondFilter extends MarkFilter {}
