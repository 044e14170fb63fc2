/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A computation that oneDNN has made code for, to be run on memory of given layouts. Several threads may run it at a time. */
final class Primitive implements AutoCloseable {

    private static final int ARGUMENT_BYTES = 16;
    private static final long ALIGNMENT = 64;

    private final OneDnn library;
    private final long handle;
    private final int[] names;
    private final long[] layouts;
    private final long scratchpadLayout;
    private final Queue<Execution> idle = new ConcurrentLinkedQueue<>();

    /**
     * Makes the code.
     *
     * @param description of the computation, with a scratchpad of the user; closed by this
     * @param names of its arguments
     * @param layouts of them; they must stay until this is closed
     */
    Primitive(OneDnn library, long description, int[] names, long... layouts) {
        this.library = library;
        this.names = names.clone();
        this.layouts = layouts.clone();
        long[] primitive = new long[1];
        long[] scratchpad = new long[1];
        try {
            library.alone(() -> OneDnn.check("code", Calls.dnnl_primitive_create(primitive, description)));
            OneDnn.check(
                    "layout",
                    Calls.dnnl_memory_desc_clone(
                            scratchpad, Calls.dnnl_primitive_desc_query_md(description, Calls.SCRATCHPAD_LAYOUT, 0)));
        } finally {
            Calls.dnnl_primitive_desc_destroy(description);
        }
        this.handle = primitive[0];
        this.scratchpadLayout = scratchpad[0];
    }

    /**
     * Runs it on the calling thread.
     *
     * @param addresses of the arguments, in the order of their names
     */
    void run(long... addresses) {
        Execution execution = idle.poll();
        if (execution == null) {
            execution = new Execution();
        }
        execution.run(addresses);
        idle.add(execution);
    }

    @Override
    public void close() {
        for (Execution execution = idle.poll(); execution != null; execution = idle.poll()) {
            execution.close();
        }
        Calls.dnnl_primitive_destroy(handle);
        Calls.dnnl_memory_desc_destroy(scratchpadLayout);
    }

    /** What one thread needs to run it. */
    private final class Execution {

        private final List<Long> memories = new ArrayList<>();
        private final Memory arguments = new Memory((long) ARGUMENT_BYTES * (names.length + 1));
        private final Memory scratchpad;
        private final long stream;

        Execution() {
            long[] made = new long[1];
            OneDnn.check("stream", Calls.dnnl_stream_create(made, library.engine(), Calls.IN_ORDER));
            stream = made[0];
            for (int k = 0; k < names.length; k++) {
                argument(names[k], layouts[k]);
            }
            scratchpad = new Memory(Calls.dnnl_memory_desc_get_size(scratchpadLayout) + ALIGNMENT);
            long address = Pointer.nativeValue(scratchpad.align((int) ALIGNMENT));
            long memory = argument(Calls.SCRATCHPAD, scratchpadLayout);
            OneDnn.check("place", Calls.dnnl_memory_set_data_handle(memory, address));
        }

        private long argument(int name, long layout) {
            long[] memory = new long[1];
            OneDnn.check("memory", Calls.dnnl_memory_create(memory, layout, library.engine(), 0));
            long place = (long) ARGUMENT_BYTES * memories.size();
            arguments.setInt(place, name);
            arguments.setLong(place + Long.BYTES, memory[0]);
            memories.add(memory[0]);
            return memory[0];
        }

        void run(long... addresses) {
            for (int k = 0; k < addresses.length; k++) {
                OneDnn.check("place", Calls.dnnl_memory_set_data_handle(memories.get(k), addresses[k]));
            }
            library.alone(() -> OneDnn.check(
                    "product",
                    Calls.dnnl_primitive_execute(handle, stream, memories.size(), Pointer.nativeValue(arguments))));
        }

        void close() {
            memories.forEach(Calls::dnnl_memory_destroy);
            Calls.dnnl_stream_destroy(stream);
            arguments.close();
            scratchpad.close();
        }
    }
}
