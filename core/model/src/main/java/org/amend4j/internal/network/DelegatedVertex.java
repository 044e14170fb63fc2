/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.nio.Buffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A vertex of a living graph between buffers. */
final class DelegatedVertex implements OpaqueVertex {

    private final String name;
    private final RunningVertex running;
    private final DataType type;
    private final boolean training;
    private final List<ArrayForm> inputs;
    private final ArrayForm result;
    private final Optional<Trained> trained;
    private int examples;

    /** Views of what trains into the graph's vectors. */
    record Trained(INDArray parameters, INDArray gradient) {}

    DelegatedVertex(
            String name,
            RunningVertex running,
            DataType type,
            boolean training,
            List<ArrayForm> inputs,
            ArrayForm result,
            Optional<Trained> trained) {
        this.name = name;
        this.running = running;
        this.type = type;
        this.training = training;
        this.inputs = inputs;
        this.result = result;
        this.trained = trained;
    }

    @Override
    public void forward(int count, Optional<Buffer> parameters, List<Buffer> given, Buffer to, boolean kept) {
        examples = count;
        boolean done = false;
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            trained.ifPresent(views -> views.parameters().assign(array(parameters.orElseThrow(), views.parameters())));
            INDArray[] arrays = new INDArray[given.size()];
            for (int k = 0; k < arrays.length; k++) {
                arrays[k] = array(given.get(k), inputs.get(k));
            }
            INDArray made = named(() -> running.forward(count, training, arrays));
            requireShape("its result", result, made);
            write(made, to);
            done = kept;
        } finally {
            if (!done) {
                running.clear();
            }
        }
    }

    @Override
    public void backward(Buffer error, Optional<Buffer> gradient, List<Optional<Buffer>> to) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray array = array(error, result);
            @Nullable INDArray[] made = named(() -> running.backward(examples, array));
            for (int k = 0; k < to.size(); k++) {
                if (to.get(k).isPresent()) {
                    write(
                            requireShape("the gradient of input " + k, inputs.get(k), made[k]),
                            to.get(k).get());
                }
            }
            trained.ifPresent(views -> write(views.gradient(), gradient.orElseThrow()));
        } finally {
            running.clear();
        }
    }

    private <T> T named(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            throw new IllegalStateException("Deeplearning4j failed at vertex '" + name + "': " + e.getMessage(), e);
        }
    }

    /** Deeplearning4j's layers take one step for no dimension and give it back as one. */
    private INDArray requireShape(String what, ArrayForm form, @Nullable INDArray array) {
        long[] shape = form.shape(examples);
        if (array == null || array.size(0) != shape[0] || array.length() != (long) examples * form.size()) {
            throw new IllegalStateException("vertex '" + name + "' must give " + what + " the shape "
                    + Arrays.toString(shape) + ", got " + (array == null ? "nothing" : Arrays.toString(array.shape())));
        }
        return array;
    }

    private INDArray array(Buffer from, ArrayForm form) {
        return array(from, form.shape(examples));
    }

    private INDArray array(Buffer from, INDArray like) {
        return array(from, like.shape());
    }

    private INDArray array(Buffer from, long... shape) {
        if (from instanceof DoubleBuffer doubles) {
            INDArray array = Nd4j.createUninitialized(DataType.DOUBLE, shape, 'c');
            array.data().asNioDouble().put(doubles.duplicate());
            return array.castTo(type);
        }
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        array.data().asNioFloat().put(((FloatBuffer) from).duplicate());
        return array.castTo(type);
    }

    private static void write(INDArray from, Buffer to) {
        if (to instanceof DoubleBuffer doubles) {
            doubles.duplicate().put(inOrder(from, DataType.DOUBLE).data().asNioDouble());
        } else {
            ((FloatBuffer) to)
                    .duplicate()
                    .put(inOrder(from, DataType.FLOAT).data().asNioFloat());
        }
    }

    private static INDArray inOrder(INDArray array, DataType type) {
        return array.castTo(type).dup('c');
    }
}
