/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Watches which bytes of some memory a kernel touches (watch.h). */
final class Watch {

    /**
     * For the compiler: every access is a call of a function of ours, and no loop becomes a memset or a vector of another width. The library
     * that these calls usually go to is not linked.
     */
    static final List<String> FLAGS = List.of(
            "-O1",
            "-fno-tree-vectorize",
            "-fsanitize=thread",
            "-nodefaultlibs",
            "-Wl,--no-as-needed",
            "-lstdc++",
            "-lm",
            "-lc",
            "-lgcc_s");

    private static final int MOST_RANGES = 64;
    private static final int READ = 1;
    private static final int WRITTEN = 2;
    /** Bytes of memory that one mark is for. */
    private static final int UNIT = 2;

    private final Consumer<Touched> listener;

    Watch(Consumer<Touched> listener) {
        this.listener = listener;
    }

    /** Runs something on a library, watching some blocks. */
    void during(String kernel, long library, List<GuardedBlock> blocks, Runnable work) {
        if (blocks.size() > MOST_RANGES) {
            throw new IllegalStateException("at most " + MOST_RANGES + " blocks are watched, got " + blocks.size());
        }
        List<Long> marks = new ArrayList<>();
        long list = HostLibrary.allocate((1 + 3L * MOST_RANGES) * Long.BYTES, 0);
        try {
            for (GuardedBlock block : blocks) {
                long words = words(block);
                long place = HostLibrary.allocate(words * Integer.BYTES, 0);
                HostLibrary.fill(place, words, 0);
                marks.add(place);
            }
            send(blocks, marks, list);
            watch(library, list);
            work.run();
            watch(library, 0);
            listener.accept(touched(kernel, blocks, marks));
        } finally {
            watch(library, 0);
            marks.forEach(place -> HostLibrary.free(place, 0, 0));
            HostLibrary.free(list, 0, 0);
        }
    }

    private static long words(GuardedBlock block) {
        return block.bytes() / UNIT / Integer.BYTES + 1;
    }

    private static void send(List<GuardedBlock> blocks, List<Long> marks, long list) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect((1 + 3 * blocks.size()) * Long.BYTES).order(ByteOrder.nativeOrder());
        buffer.putLong(blocks.size());
        for (int k = 0; k < blocks.size(); k++) {
            buffer.putLong(blocks.get(k).address())
                    .putLong(blocks.get(k).bytes())
                    .putLong(marks.get(k));
        }
        HostLibrary.copyIn(buffer, list, buffer.capacity());
    }

    private static void watch(long library, long list) {
        HostLibrary.launch(library, -1, new int[7], new long[] {list}, 0, 0);
    }

    private static Touched touched(String kernel, List<GuardedBlock> blocks, List<Long> marks) {
        long read = 0;
        long written = 0;
        for (int k = 0; k < blocks.size(); k++) {
            int bytes = Math.toIntExact(words(blocks.get(k)) * Integer.BYTES);
            ByteBuffer there = ByteBuffer.allocateDirect(bytes);
            HostLibrary.copyOut(marks.get(k), there, bytes);
            for (int i = 0; i < bytes; i++) {
                read += (there.get(i) & READ) != 0 ? UNIT : 0;
                written += (there.get(i) & WRITTEN) != 0 ? UNIT : 0;
            }
        }
        return new Touched(kernel, read, written);
    }
}
