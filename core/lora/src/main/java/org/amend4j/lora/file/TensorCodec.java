/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moves arrays into tensors and back, bit for bit, and refuses values that are not finite. */
final class TensorCodec {
    private TensorCodec() {}

    /**
     * The tensor of an array.
     *
     * @throws IllegalArgumentException if a value is NaN or infinite
     */
    static TensorData encode(StoredTensor tensor, INDArray array) {
        return encode(tensor, array, DType.F32);
    }

    /** As {@link #encode(StoredTensor, INDArray)}; floats become F16 or BF16 if that is wanted and changes none of them. */
    @SuppressWarnings("try") // the workspace scope only has to be open
    static TensorData encode(StoredTensor tensor, INDArray array, DType wanted) {
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray ordered = ordered(tensor, array);
            if (array.dataType() == DataType.DOUBLE) {
                double[] values = ordered.data().asDouble();
                variances(tensor, values);
                requireFinite(tensor, values);
                return TensorData.ofDoubles(tensor.key(), tensor.fileShape(), values);
            }
            float[] values = ordered.data().asFloat();
            variances(tensor, values);
            requireFinite(tensor, values);
            return TensorData.ofHalves(tensor.key(), wanted, tensor.fileShape(), values)
                    .orElseGet(() -> TensorData.ofFloats(tensor.key(), tensor.fileShape(), values));
        }
    }

    /** The tensor PyTorch's batch norm counts its batches in. */
    static TensorData batchCount(StoredTensor tensor) {
        return TensorData.ofLongs(tensor.key(), tensor.fileShape(), new long[] {0});
    }

    /**
     * The array of a tensor whose presence, type and shape were checked: FLOAT, or DOUBLE for F64.
     *
     * @throws AdapterFormatException if a value is NaN or infinite
     */
    static INDArray decode(StoredTensor tensor, AdapterTensors file) throws IOException {
        return decode(tensor, file, bytes -> {});
    }

    /** As {@link #decode(StoredTensor, AdapterTensors)}; the tensor's bytes also go to an observer. */
    @SuppressWarnings("try") // the workspace scope only has to be open
    static INDArray decode(StoredTensor tensor, AdapterTensors file, Consumer<ByteBuffer> observer) throws IOException {
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            boolean wide = info(tensor, file).dtype() == DType.F64;
            try {
                return wide
                        ? doubles(tensor, file.readDoubles(tensor.key(), observer))
                        : floats(tensor, file.readFloats(tensor.key(), observer));
            } catch (IllegalArgumentException e) {
                throw new AdapterFormatException(file.path(), String.valueOf(e.getMessage()), e);
            }
        }
    }

    static TensorInfo info(StoredTensor tensor, AdapterTensors file) throws AdapterFormatException {
        TensorInfo info = file.tensors().get(tensor.key());
        if (info == null) {
            throw new AdapterFormatException(
                    file.path(), "the tensor " + Printable.quoted(tensor.key()) + " is missing");
        }
        return info;
    }

    private static INDArray doubles(StoredTensor tensor, double[] values) {
        requireFinite(tensor, values);
        long[] shape = storedShape(tensor);
        char order = order(tensor);
        return restored(tensor, Nd4j.create(values, shape, Nd4j.getStrides(shape, order), order, DataType.DOUBLE));
    }

    private static INDArray floats(StoredTensor tensor, float[] values) {
        requireFinite(tensor, values);
        long[] shape = storedShape(tensor);
        char order = order(tensor);
        return restored(tensor, Nd4j.create(values, shape, Nd4j.getStrides(shape, order), order, DataType.FLOAT));
    }

    private static char order(StoredTensor tensor) {
        return tensor.layout() == StoredTensor.Layout.TRANSPOSED ? 'f' : 'c';
    }

    private static long[] storedShape(StoredTensor tensor) {
        return longs(tensor.layout() == StoredTensor.Layout.CONV1D_KERNEL ? tensor.fileShape() : tensor.shape());
    }

    private static INDArray ordered(StoredTensor tensor, INDArray array) {
        if (tensor.layout() != StoredTensor.Layout.CONV1D_KERNEL) {
            return array.dup(order(tensor));
        }
        long[] shape = longs(tensor.fileShape());
        return array.dup('c')
                .reshape('c', new long[] {shape[2], shape[1], shape[0]})
                .permute(2, 1, 0)
                .dup('c');
    }

    private static INDArray restored(StoredTensor tensor, INDArray array) {
        if (tensor.layout() != StoredTensor.Layout.CONV1D_KERNEL) {
            return array;
        }
        return array.permute(2, 1, 0).dup('c').reshape('c', longs(tensor.shape()));
    }

    private static void variances(StoredTensor tensor, double[] values) {
        if (tensor.layout() == StoredTensor.Layout.VARIANCE) {
            for (int i = 0; i < values.length; i++) {
                values[i] = NormStatistics.variance(values[i]);
            }
        }
    }

    private static void variances(StoredTensor tensor, float[] values) {
        if (tensor.layout() == StoredTensor.Layout.VARIANCE) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) NormStatistics.variance(values[i]);
            }
        }
    }

    private static void requireFinite(StoredTensor tensor, double[] values) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw notFinite(tensor, value);
            }
        }
    }

    private static void requireFinite(StoredTensor tensor, float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw notFinite(tensor, value);
            }
        }
    }

    private static IllegalArgumentException notFinite(StoredTensor tensor, double value) {
        return new IllegalArgumentException(
                "the tensor " + Printable.quoted(tensor.key()) + " must have finite values, got " + value);
    }

    private static long[] longs(List<Long> shape) {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
