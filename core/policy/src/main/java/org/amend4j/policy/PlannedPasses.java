/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.compiler.Plan;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.RecordedPasses;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Shape;

/**
 * A network of one input on a machine of its own, and its passes over rows. Passes are recorded, for each number of rows: then the
 * steps of a small network cost little more than their arithmetic.
 */
final class PlannedPasses implements AutoCloseable {

    /** What the intermediate values of the rows computed at a time may take. */
    private static final long WORKING_BYTES = 32L << 20;

    private static final int MOST_ROWS = 1 << 14;
    /** Numbers of rows for which passes are kept. */
    private static final int MOST_RECORDED = 128;

    private final Owned owned = new Owned();
    private final HostMachine machine;
    private final PlanSession session;
    private final Network.InputFormat format;
    private final int[] widths;
    private final int capacity;
    private final MachineArray inputs;
    /** Inputs with channels last, if they come with channels first. */
    private final Optional<MachineArray> ordered;

    private final List<MachineArray> errors = new ArrayList<>();
    private final Map<Integer, RecordedPasses> recorded = new LinkedHashMap<>(16, 0.75f, true);

    PlannedPasses(Network network, Arithmetic arithmetic) {
        this.format = network.inputs().get(0);
        this.widths = network.outputs().stream()
                .mapToInt(output -> network.nodes().get(output).shape().size())
                .toArray();
        this.capacity = capacity(network, arithmetic);
        this.machine = owned.add(HostMachine.open());
        try {
            this.session = owned.add(PlanSession.open(machine, network, arithmetic, capacity));
            int size = format.shape().size();
            this.inputs = place("inputs", size, arithmetic);
            this.ordered = format.channelsFirst() ? Optional.of(place("images", size, arithmetic)) : Optional.empty();
            for (int width : widths) {
                errors.add(place("errors", width, arithmetic));
            }
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    private static int capacity(Network network, Arithmetic arithmetic) {
        long each = Plan.of(network, Variant.ERRORS).workingBytes(64)
                / Float.BYTES
                * arithmetic.type().bytes()
                / 64;
        return (int) Math.max(1, Math.min(MOST_ROWS, WORKING_BYTES / Math.max(1, each)));
    }

    private MachineArray place(String owner, int width, Arithmetic arithmetic) {
        return owned.add(machine.allocate(owner, arithmetic.type(), (long) capacity * width));
    }

    /** The most rows of one pass. */
    int capacity() {
        return capacity;
    }

    void setParameters(double[] theta) {
        session.setParameters(theta);
    }

    /**
     * Computes outputs.
     *
     * @param rows [count · inputs]
     * @return [count · outputs]
     */
    double[] forward(double[] rows, int count) {
        machine.upload(rows, inputs.slice(0, rows.length));
        ordered.ifPresent(place -> toChannelsLast(place, count));
        RecordedPasses passes = passes(count);
        passes.forward();
        return joined(passes.outputs(), count);
    }

    private void toChannelsLast(MachineArray place, int count) {
        Shape shape = format.shape();
        long length = (long) count * shape.size();
        machine.kernels()
                .elementwise()
                .transpose(inputs.slice(0, length), place.slice(0, length), count, shape.channels(), shape.pixels());
    }

    /**
     * The parameters' gradient of the pass made last.
     *
     * @param derivatives [count · outputs]
     */
    double[] backward(double[] derivatives, int count) {
        int stride = Arrays.stream(widths).sum();
        int first = 0;
        for (int head = 0; head < widths.length; head++) {
            double[] part = widths.length == 1 ? derivatives : columns(derivatives, count, stride, first, widths[head]);
            machine.upload(part, errors.get(head).slice(0, part.length));
            first += widths[head];
        }
        passes(count).backward();
        return session.readGradient();
    }

    private RecordedPasses passes(int count) {
        RecordedPasses known = recorded.get(count);
        if (known != null) {
            return known;
        }
        if (recorded.size() == MOST_RECORDED) {
            int eldest = recorded.keySet().iterator().next();
            RecordedPasses forgotten = recorded.remove(eldest);
            if (forgotten != null) {
                forgotten.close();
            }
        }
        RecordedPasses fresh = session.record(examples(count));
        recorded.put(count, fresh);
        return fresh;
    }

    private Examples examples(int count) {
        List<MachineArray> given = new ArrayList<>();
        for (int head = 0; head < widths.length; head++) {
            given.add(errors.get(head).slice(0, (long) count * widths[head]));
        }
        long length = (long) count * format.shape().size();
        return new Examples(
                count,
                List.of(ordered.orElse(inputs).slice(0, length)),
                given,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                List.of());
    }

    private static double[] columns(double[] rows, int count, int stride, int first, int width) {
        double[] part = new double[count * width];
        for (int row = 0; row < count; row++) {
            System.arraycopy(rows, row * stride + first, part, row * width, width);
        }
        return part;
    }

    private double[] joined(List<double[]> heads, int count) {
        if (heads.size() == 1) {
            return heads.get(0);
        }
        int stride = Arrays.stream(widths).sum();
        double[] rows = new double[count * stride];
        int first = 0;
        for (int head = 0; head < widths.length; head++) {
            for (int row = 0; row < count; row++) {
                System.arraycopy(heads.get(head), row * widths[head], rows, row * stride + first, widths[head]);
            }
            first += widths[head];
        }
        return rows;
    }

    @Override
    public void close() {
        recorded.values().forEach(RecordedPasses::close);
        recorded.clear();
        owned.close();
    }
}
