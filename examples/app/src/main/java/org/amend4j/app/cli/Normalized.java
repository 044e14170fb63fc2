/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Labelled;
import org.amend4j.data.PictureShape;
import org.amend4j.internal.model.StoredNormalizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Examples as a model's normalizer makes them, by Deeplearning4j's own arithmetic. */
final class Normalized implements Labelled {

    private final Labelled raw;
    private final StoredNormalizer normalizer;
    private final float brightest;

    private Normalized(Labelled raw, StoredNormalizer normalizer) {
        this.raw = raw;
        this.normalizer = normalizer;
        this.brightest = raw.pictures().isPresent() ? (float) normalizer.brightest() : 1;
    }

    /**
     * Examples that go through a normalizer.
     *
     * @throws BadInputException if it was fitted to others
     */
    static Labelled by(StoredNormalizer normalizer, Labelled raw) {
        if (normalizer.isOfLabels() && !raw.classes().isEmpty()) {
            throw new BadInputException(
                    "the normalizer in the model's file changes labels, too, which are classes here:"
                            + " fit it without fitLabel(true) and add it to the model again");
        }
        try {
            normalizer.requireFits(raw.shape());
        } catch (IllegalArgumentException misfit) {
            throw new BadInputException(String.valueOf(misfit.getMessage()), misfit);
        }
        return new Normalized(raw, normalizer);
    }

    @Override
    public int size() {
        return raw.size();
    }

    @Override
    public long[] shape() {
        return raw.shape();
    }

    @Override
    public List<String> classes() {
        return raw.classes();
    }

    @Override
    public int label(int example) {
        return raw.label(example);
    }

    @Override
    public Optional<PictureShape> pictures() {
        return raw.pictures();
    }

    @Override
    public int columns() {
        return raw.columns();
    }

    @Override
    public void target(int example, float[] into, int offset) {
        float[] values = batch(example).getLabels().dup('c').data().asFloat();
        System.arraycopy(values, 0, into, offset, values.length);
    }

    @Override
    public float[] inUnits(float[] outputs) {
        if (!normalizer.isOfLabels()) {
            return raw.inUnits(outputs);
        }
        INDArray numbers = Nd4j.create(outputs, new long[] {outputs.length / columns(), columns()}, 'c');
        normalizer.normalizer().revertLabels(numbers);
        return raw.inUnits(numbers.dup('c').data().asFloat());
    }

    @Override
    public void pixels(int example, float[] into) {
        raw.pixels(example, into);
    }

    @Override
    public void features(int example, float[] into, int offset) {
        float[] values = batch(example).getFeatures().dup('c').data().asFloat();
        System.arraycopy(values, 0, into, offset, values.length);
    }

    @Override
    public DataSet batch(int... examples) {
        DataSet batch = raw.batch(examples);
        INDArray features = batch.getFeatures();
        if (brightest != 1) {
            features.muli(brightest);
        }
        // one at a time: a normalizer looks its own numbers over before it uses them
        synchronized (normalizer) {
            normalizer.normalizer().transform(features);
            if (normalizer.isOfLabels()) {
                normalizer.normalizer().transformLabel(batch.getLabels());
            }
        }
        if (!Double.isFinite(features.sumNumber().doubleValue())) {
            throw new BadInputException(
                    "the normalizer in the model's file makes numbers that are not finite of this data");
        }
        return batch;
    }
}
