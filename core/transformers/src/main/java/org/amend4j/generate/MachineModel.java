/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.network.Activation;

/** What a decoder computes on a machine, with its weights there and working memory for some rows. */
final class MachineModel implements AutoCloseable {

    private final Machine machine;
    private final CausalConfig config;
    private final DecoderModel model;
    private final Owned memory = new Owned();
    private final MachineLinear head;
    private final MachineNorm norm;
    private final MatrixView words;
    private final Optional<MatrixView> positions;
    private final List<MachineLayer> layers = new ArrayList<>();
    private final MatrixView x;
    private final MatrixView normal;
    private final MatrixView logits;
    private final LayerMemory forLayers;

    /** @param rows the most at a time */
    MachineModel(Machine machine, CausalConfig config, DecoderModel model, int rows, ProductPrecision precision) {
        this.machine = machine;
        this.config = config;
        this.model = model;
        int width = config.hiddenSize();
        try {
            head = memory.add(new MachineLinear(machine, model.head(), rows, precision));
            norm = memory.add(new MachineNorm(machine, model.norm(), rows));
            words = config.tiedEmbeddings()
                    ? head.table()
                    : table(model.embedding().words());
            positions = model.embedding().positions().map(this::table);
            x = working("rows", rows, width);
            normal = working("normalised rows", rows, width);
            logits = working("logits", rows, config.vocabulary());
            forLayers = memory.add(new LayerMemory(machine, model, rows));
            for (DecoderLayer layer : model.layers()) {
                layers.add(memory.add(new MachineLayer(machine, layer, rows, precision, forLayers)));
            }
        } catch (RuntimeException failed) {
            memory.close();
            throw failed;
        }
    }

    private MatrixView table(Lookup of) {
        MachineArray rows = MachineTables.upload(machine, of.module(), of.table(), of.rows(), of.width());
        return MatrixView.of(memory.add(rows), of.rows(), of.width());
    }

    private MatrixView working(String what, int rows, int columns) {
        MachineArray array = machine.allocate(what, ElementType.FLOAT, (long) rows * columns);
        return MatrixView.of(memory.add(array), rows, columns);
    }

    /** How each layer attends. */
    List<Rule> rules() {
        return layers.stream().map(MachineLayer::rule).toList();
    }

    /** What follows the last layer; its keys and values are kept. */
    MatrixView hidden(MachineRows rows, PagePool pool) {
        MatrixView here = x.rows(0, rows.count());
        MatrixView between = normal.rows(0, rows.count());
        machine.kernels().embedding().gather(words, rows.ids(), here);
        MachineArray all = here.array().slice(0, (long) rows.count() * here.columns());
        float factor = model.embedding().factor();
        if (factor != 1) {
            machine.kernels().elementwise().scale(all, factor, all);
        }
        positions.ifPresent(table -> {
            machine.kernels().embedding().gather(table, rows.positions(), between);
            MachineArray added = between.array().slice(0, all.length());
            machine.kernels().elementwise().scaledSum(all, 1, added, 1, all);
        });
        forLayers.prepare(rows);
        for (int layer = 0; layer < layers.size(); layer++) {
            layers.get(layer).apply(rows, pool.layer(layer), here, between);
        }
        return here;
    }

    /** Of some of the last rows. */
    List<float[]> logits(MachineRows rows, MatrixView hidden) {
        MatrixView between = normal.rows(0, hidden.rows());
        MatrixView to = logits.rows(0, hidden.rows());
        norm.apply(hidden, between);
        head.apply(rows, between, to, Activation.IDENTITY);
        int width = config.vocabulary();
        float[] all = machine.downloadFloats(to.array().slice(0, (long) hidden.rows() * width));
        List<float[]> each = new ArrayList<>();
        for (int row = 0; row < hidden.rows(); row++) {
            each.add(Arrays.copyOfRange(all, row * width, (row + 1) * width));
        }
        return each;
    }

    @Override
    public void close() {
        memory.close();
    }
}
