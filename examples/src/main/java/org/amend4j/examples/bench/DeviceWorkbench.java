package org.amend4j.examples.bench;

import java.util.Optional;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.ElementType;
import org.amend4j.cuda.device.Gemm;
import org.amend4j.cuda.device.ProductPrecision;

/** A card, or its imitation. Times are the device's own, between two marks in its stream. */
final class DeviceWorkbench implements Workbench {

    private final Device device;
    private final ProductPrecision precision;

    DeviceWorkbench(Device device, ProductPrecision precision) {
        this.device = device;
        this.precision = precision;
    }

    @Override
    public Work product(int size) {
        Gemm product = Gemm.rows(size, size, size).withPrecision(precision);
        DeviceArray a = ones((long) size * size);
        DeviceArray b = ones((long) size * size);
        DeviceArray c = ones((long) size * size);
        return new OnArrays(() -> device.multiply(product, a, b, c), a, b, c);
    }

    @Override
    public Work copy(int floats) {
        DeviceArray from = ones(floats);
        DeviceArray to = ones(floats);
        return new OnArrays(() -> device.copy(from, to), from, to);
    }

    private DeviceArray ones(long floats) {
        DeviceArray array = device.allocate("benchmark", ElementType.FLOAT, floats);
        device.fill(array, 1);
        return array;
    }

    /** Work that owns its arrays. */
    private static final class OnArrays implements Work {

        private final Runnable work;
        private final DeviceArray[] arrays;

        OnArrays(Runnable work, DeviceArray... arrays) {
            this.work = work;
            this.arrays = arrays;
        }

        @Override
        public void run() {
            work.run();
        }

        @Override
        public void close() {
            for (DeviceArray array : arrays) {
                array.close();
            }
        }
    }

    @Override
    public Optional<Work> loraStep(DenseShape shape) {
        return Optional.empty();
    }

    @Override
    public Optional<Work> fullGradient(DenseShape shape) {
        return Optional.empty();
    }

    @Override
    public Optional<Work> clippedGradient(DenseShape shape) {
        return Optional.empty();
    }

    @Override
    public double milliseconds(Work work, int times) {
        return device.millisecondsOf(() -> {
            for (int i = 0; i < times; i++) {
                work.run();
            }
        });
    }
}
