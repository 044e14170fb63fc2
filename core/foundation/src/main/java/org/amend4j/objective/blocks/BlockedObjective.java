/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.identity.Facts;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.RecordBlocks.Block;

/**
 * An objective with its records in blocks: {@code (1/N)·(S_1 + S_2 + …) + (λ/2)·‖θ‖²}, where S_k is the sum over the records of a block.
 * The sums are added in double along the {@link BlockTree} of their numbers. N is fixed: the share of a block does not depend on other
 * blocks. Values, gradients and fingerprints depend on the blocks, their order, N and λ, and on nothing else. {@link BlockSums} that
 * compute blocks elsewhere, at the same time or again after a failure give the same bits.
 *
 * <p>A block that has lost all of its records contributes nothing, which has the bits of adding its zero. Against one objective on all
 * records, only the order of additions differs: sums of n records have n - 1 additions in both, within what
 * {@link org.amend4j.numeric.Summation#NAIVE} allows.
 */
public final class BlockedObjective implements RecordObjective, LowRankObjective {

    private final BlockSums sums;
    private final RecordIds ids;
    private final double normaliser;
    private final double weightDecay;

    private BlockedObjective(BlockSums sums, RecordIds ids, double normaliser, double weightDecay) {
        this.sums = sums;
        this.ids = ids;
        this.normaliser = normaliser;
        this.weightDecay = weightDecay;
    }

    /**
     * The sum of blocks, divided by a fixed number.
     *
     * @param normaliser N, > 0: chosen without looking at the data
     * @throws IllegalArgumentException if it is not, or there are no records
     */
    public static BlockedObjective of(BlockSums sums, double normaliser) {
        Checks.positive("the normaliser", normaliser);
        RecordIds ids = sums.blocks().records();
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("an objective must have records, got blocks without any");
        }
        return new BlockedObjective(sums, ids, normaliser, 0);
    }

    /** Adds {@code (λ/2)·‖θ‖²}, over every parameter; it is computed where the blocks are added up. */
    public BlockedObjective withWeightDecay(double lambda) {
        Checks.notNegative("weight decay", lambda);
        return new BlockedObjective(sums, ids, normaliser, lambda);
    }

    @Override
    public BlockedObjective restrictedTo(RecordIds subset) {
        ids.requireAll(subset);
        if (subset.isEmpty()) {
            throw new IllegalArgumentException("an objective must have records, got an empty subset");
        }
        return new BlockedObjective(sums.restrictedTo(subset), subset, normaliser, weightDecay);
    }

    /** The records that are in the sum, in their blocks. */
    public RecordBlocks blocks() {
        return sums.blocks();
    }

    @Override
    public RecordIds records() {
        return ids;
    }

    @Override
    public int dimension() {
        return sums.dimension();
    }

    @Override
    public Precision precision() {
        return sums.precision();
    }

    @Override
    public List<AdapterBlock> adapters() {
        return sums.adapters();
    }

    @Override
    public boolean hasTrueGradient() {
        return sums.hasTrueGradient();
    }

    @Override
    public OptionalDouble fixedNormaliser() {
        return OptionalDouble.of(normaliser);
    }

    @Override
    public double weightDecay() {
        return weightDecay;
    }

    @Override
    public double value(double[] theta) {
        return mean(evaluate(theta, Wanted.VALUE).value(), theta);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the gradient", gradient, dimension());
        return finish(evaluate(theta, Wanted.GRADIENT), theta, gradient);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The norms are sums of blocks' norms, which are below the norm of the sum by rounding at most: the derivatives themselves are as large as the
     * adapted weights and stay where the blocks are.
     */
    @Override
    public double valueAndGradient(double[] theta, double[] gradient, double[] weightGradientNorms) {
        Vectors.requireLength("the gradient", gradient, dimension());
        Vectors.requireLength(
                "the weights' gradient norms", weightGradientNorms, adapters().size());
        BlockSum sum = evaluate(theta, Wanted.WEIGHT_GRADIENT_NORMS);
        for (int k = 0; k < weightGradientNorms.length; k++) {
            weightGradientNorms[k] = sum.weightGradientNorms()[k] / normaliser;
        }
        return finish(sum, theta, gradient);
    }

    private BlockSum evaluate(double[] theta, Wanted wanted) {
        Vectors.requireLength("the parameter vector", theta, dimension());
        TreeSum total = new TreeSum(sums.blocks().tree());
        sums.evaluate(theta, wanted, total);
        return total.whole();
    }

    private double finish(BlockSum sum, double[] theta, double[] gradient) {
        Vectors.requireLength("a block's gradient", sum.gradient(), gradient.length);
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = sum.gradient()[i] / normaliser + weightDecay * theta[i];
        }
        return mean(sum.value(), theta);
    }

    private double mean(double sum, double[] theta) {
        double mean = sum / normaliser;
        return weightDecay == 0 ? mean : mean + weightDecay / 2 * Vectors.dot(theta, theta);
    }

    /** Depends on the blocks that have records and on what these say of themselves, not on where they are computed. */
    @Override
    public String fingerprint() {
        List<String> facts = new ArrayList<>();
        facts.add(settings());
        List<String> fingerprints = sums.fingerprints();
        List<Block> blocks = sums.blocks().blocks();
        for (int k = 0; k < blocks.size(); k++) {
            facts.add(blocks.get(k).number() + " " + fingerprints.get(k));
        }
        return Sha256.hex(String.join("\n", facts));
    }

    @Override
    public String settingsFingerprint() {
        return Sha256.hex(settings());
    }

    private String settings() {
        Facts facts = Facts.of("BlockedObjective")
                .with("normaliser", normaliser)
                .with("weightDecay", weightDecay)
                .with("order", "tree of block numbers")
                .with("blocks", sums.blocks());
        return facts.text() + '\n' + sums.settingsFingerprint() + '\n';
    }

    @Override
    public String toString() {
        return "BlockedObjective[" + ids.size() + " records in "
                + sums.blocks().blocks().size() + " blocks, " + dimension() + " parameters]";
    }
}
