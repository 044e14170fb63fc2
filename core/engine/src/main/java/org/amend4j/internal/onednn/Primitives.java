/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Computations that code was made for, by what distinguishes them: those used last, since code for many numbers of rows takes
 * memory (150 KiB each). Thread-safe; none is closed while somebody runs it.
 */
final class Primitives<K> implements AutoCloseable {

    private static final int MOST = 64;

    private final Function<K, Made> maker;
    private final Map<K, Made> made = new LinkedHashMap<>(16, 0.75f, true);

    /** Makes one that is not there. */
    Primitives(Function<K, Made> maker) {
        this.maker = maker;
    }

    /** A computation and the layouts it needs. */
    static final class Made {

        private final Primitive primitive;
        private final Layouts layouts;
        private int users;
        private boolean forgotten;

        Made(Primitive primitive, Layouts layouts) {
            this.primitive = primitive;
            this.layouts = layouts;
        }

        private void close() {
            primitive.close();
            layouts.close();
        }
    }

    /** Runs one on the calling thread. */
    void run(K key, long... addresses) {
        Made taken = take(key);
        try {
            taken.primitive.run(addresses);
        } finally {
            giveBack(taken);
        }
    }

    private synchronized Made take(K key) {
        Made there = made.computeIfAbsent(key, maker);
        there.users++;
        if (made.size() > MOST) {
            Iterator<Made> all = made.values().iterator();
            Made eldest = all.next();
            all.remove();
            eldest.forgotten = true;
            closeUnused(eldest);
        }
        return there;
    }

    private synchronized void giveBack(Made taken) {
        taken.users--;
        closeUnused(taken);
    }

    private static void closeUnused(Made one) {
        if (one.forgotten && one.users == 0) {
            one.close();
        }
    }

    /** Nobody runs one any more. */
    @Override
    public synchronized void close() {
        made.values().forEach(Made::close);
        made.clear();
    }
}
