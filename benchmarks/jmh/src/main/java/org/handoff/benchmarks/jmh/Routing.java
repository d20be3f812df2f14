package org.handoff.benchmarks.jmh;

import java.util.stream.IntStream;

import org.handoff.http.routing.ContextTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The choice of a path's context among many. */
public class Routing extends Piece {

    /** How many contexts there are. */
    @Param({"1", "1000"})
    public int contexts;

    private ContextTable<Integer> table;
    private String[] paths;
    private int next;

    /** Makes the table, and a path in each context. */
    @Setup
    public void prepare() {
        table = ContextTable.of(IntStream.range(0, contexts)
                .mapToObj(number -> new ContextTable.Entry<>("/many/context-" + number, "", number))
                .toList());
        paths = IntStream.range(0, contexts)
                .mapToObj(number -> "/many/context-" + number)
                .toArray(String[]::new);
    }

    private String path() {
        next = next + 1 == paths.length ? 0 : next + 1;
        return paths[next];
    }

    /** Finds a path that is a context itself. */
    @Benchmark
    public Object whole() {
        return table.find("localhost", path());
    }

    /** Finds a path of three more segments, each of which could be of a context. */
    @Benchmark
    public Object below() {
        return table.find("localhost", path() + "/a/b/c");
    }
}
