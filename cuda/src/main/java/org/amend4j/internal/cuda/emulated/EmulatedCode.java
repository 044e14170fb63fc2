/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.device.LoadedCode;
import org.amend4j.internal.cuda.device.Parameter;

/** Kernels compiled for the host. */
final class EmulatedCode implements LoadedCode {

    private static final long SEED = 0x5eed;
    /** A library holds one block's threads in global variables, and devices may share it. */
    private static final Object ONE_AT_A_TIME = new Object();

    /** Of no kernel's number: what is to be watched from now on. */
    private static final String WATCHING = """
                if (kernel < 0) {
                    amend_watched = *reinterpret_cast<amend_watch_list **>(slots[0]);
                    return nullptr;
                }
            """;

    private final GuardedMemory memory;
    private final List<ThreadOrder> orders;
    private final Tape tape;
    private final Optional<Watch> watch;
    private final KernelSource source;
    private final long library;

    private EmulatedCode(
            GuardedMemory memory,
            List<ThreadOrder> orders,
            Tape tape,
            Optional<Watch> watch,
            KernelSource source,
            long library) {
        this.memory = memory;
        this.orders = orders;
        this.tape = tape;
        this.watch = watch;
        this.source = source;
        this.library = library;
    }

    static EmulatedCode load(
            HostCompiler compiler,
            CodeCache cache,
            KernelSource source,
            GuardedMemory memory,
            List<ThreadOrder> orders,
            Tape tape,
            Optional<Watch> watch) {
        Path file = compiler.library(
                cache,
                source.name() + ".cu",
                translationUnit(source, watch.isPresent()),
                watch.isPresent() ? Watch.FLAGS : List.of());
        long library = HostLibrary.open(file.toAbsolutePath().toString());
        if (library == 0) {
            throw new MachineException("cannot load " + file + ": " + HostLibrary.openError());
        }
        return new EmulatedCode(memory, orders, tape, watch, source, library);
    }

    /** The emulation, the kernels, and a door through which each is called by its number. */
    private static String translationUnit(KernelSource source, boolean watched) {
        StringBuilder text = new StringBuilder(HostLibrary.resource("emulation.h"));
        text.append(watched ? HostLibrary.resource("watch.h") : "");
        text.append("#line 1 \"prelude.cuh\"\n").append(source.text()).append("\n#line 1 \"door\"\n");
        text.append("static void (*const amend_kernels[])(void **) = {");
        for (KernelSignature kernel : source.kernels()) {
            text.append("amend_caller<&").append(kernel.name()).append(">::call, ");
        }
        text.append(
                        "};\nextern \"C\" const char *amend_launch(int kernel, const int *shape, void **slots, int order, uint64_t")
                .append(" seed) {\n")
                .append(watched ? WATCHING : "")
                .append("    return amend_run(amend_kernels[kernel], shape, slots, order, seed);\n}\n");
        return text.toString();
    }

    @Override
    public void launch(KernelSignature kernel, LaunchShape shape, long[] arguments) {
        tape.take(() -> launchNow(kernel, shape, arguments));
    }

    private void launchNow(KernelSignature kernel, LaunchShape shape, long[] arguments) {
        if (orders.size() == 1) {
            Runnable run = () -> run(kernel, shape, arguments, orders.get(0));
            watch.ifPresentOrElse(
                    watching -> watching.during(kernel.name(), library, touched(kernel, arguments), run), run);
            return;
        }
        try (Snapshot before = new Snapshot(written(kernel, arguments))) {
            run(kernel, shape, arguments, orders.get(0));
            try (Snapshot after = new Snapshot(written(kernel, arguments))) {
                for (ThreadOrder order : orders.subList(1, orders.size())) {
                    before.restore();
                    run(kernel, shape, arguments, order);
                    String difference = after.difference();
                    if (!difference.isEmpty()) {
                        throw new MachineException(
                                "kernel '" + kernel.name() + "' gives another result with its threads in order "
                                        + order + " than in order " + orders.get(0) + ", at " + difference
                                        + ": a barrier is missing or two blocks write to one place");
                    }
                }
            }
        }
    }

    private List<GuardedBlock> written(KernelSignature kernel, long[] arguments) {
        return blocks(kernel, arguments, Parameter.Kind::isWritten);
    }

    private List<GuardedBlock> touched(KernelSignature kernel, long[] arguments) {
        return blocks(kernel, arguments, Parameter.Kind::isPointer);
    }

    private List<GuardedBlock> blocks(KernelSignature kernel, long[] arguments, Predicate<Parameter.Kind> wanted) {
        Set<GuardedBlock> blocks = new LinkedHashSet<>();
        List<Parameter> parameters = kernel.parameters();
        for (int i = 0; i < arguments.length; i++) {
            if (wanted.test(parameters.get(i).kind()) && arguments[i] != 0) {
                blocks.add(memory.at(arguments[i]));
            }
        }
        return new ArrayList<>(blocks);
    }

    private void run(KernelSignature kernel, LaunchShape shape, long[] arguments, ThreadOrder order) {
        int[] numbers = {shape.gridX(), shape.gridY(), 1, shape.block(), 1, 1, shape.sharedBytes()};
        String fault;
        synchronized (ONE_AT_A_TIME) {
            fault = HostLibrary.launch(
                    library, source.kernels().indexOf(kernel), numbers, arguments, order.code(), SEED);
        }
        if (!fault.isEmpty()) {
            throw new MachineException("kernel '" + kernel.name() + "': " + fault);
        }
        memory.check("kernel '" + kernel.name() + "'");
    }

    /** Does nothing: libraries stay loaded, since other devices may use them. */
    @Override
    public void unload() {}
}
