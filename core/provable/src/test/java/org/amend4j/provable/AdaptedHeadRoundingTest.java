/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.Random;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;
import org.amend4j.unlearn.RoundingModel;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Steps on the factor B of an adapted softmax layer, as Deeplearning4j computes them, against 40 digits. */
class AdaptedHeadRoundingTest {

    private static final MathContext DIGITS = new MathContext(40);
    private static final int RECORDS = 5;
    private static final int INPUTS = 6;
    private static final int CLASSES = 3;
    private static final double ETA = 0.5;
    private static final double LAMBDA = 0.01;
    private static final double NORMALISER = 8;

    @Test
    void a_computed_step_is_no_further_from_the_exact_one_than_the_model_says() {
        Records records = Graphs.softmaxRecords(RECORDS, INPUTS, CLASSES, 1);
        AdaptedModel model = Graphs.adapted(
                Graphs.head(Graphs.softmax(INPUTS, CLASSES).build()), config -> config.withTargets("out"));
        ProvableProblem problem = ProvableGraphs.of(
                model,
                records,
                ProvableOptions.defaults()
                        .withFeatureRadius(1)
                        .withWeightDecay(LAMBDA)
                        .withNormaliser(NORMALISER));
        RoundingModel rounding = problem.rounding().orElseThrow();
        LedgerStep step = new LedgerStep(new StepMap(ETA, LAMBDA, new Normaliser.Fixed(NORMALISER)), records.ids());
        Random random = new Random(8);
        double worst = 0;
        for (int trial = 0; trial < 20; trial++) {
            double[] theta =
                    random.doubles(problem.objective().dimension(), -2, 2).toArray();
            double[] gradient = new double[theta.length];
            problem.objective().valueAndGradient(theta, gradient);
            BigDecimal[] exact = exactStep(model, records, problem.parameters(theta), theta);
            double squares = 0;
            double norm = 0;
            for (int i = 0; i < theta.length; i++) {
                double next = theta[i] - ETA * gradient[i];
                double off = new BigDecimal(next).subtract(exact[i]).doubleValue();
                squares += off * off;
                norm += theta[i] * theta[i];
            }
            // the norm before the step; after it, it is less than 1 more
            double allowed = rounding.ofStep(step, Math.sqrt(norm) + 1);
            worst = Math.max(worst, Math.sqrt(squares) / allowed);
        }
        assertTrue(worst <= 1, "error over bound " + worst);
        // a bound that is not even within three orders of magnitude would be about something else
        assertTrue(worst > 1e-3, "error over bound " + worst);
    }

    /** θ - η·(Σ g_r/B + λθ) with exact numbers for everything the graph holds. */
    private static BigDecimal[] exactStep(AdaptedModel model, Records records, double[] all, double[] theta) {
        AdapterBlock block =
                GraphObjective.of(model.graph(), records).adapters().get(0);
        Map<String, INDArray> base = model.base().parameters("out", DataType.DOUBLE);
        BigDecimal[][] gradient = new BigDecimal[block.rank()][CLASSES];
        for (BigDecimal[] row : gradient) {
            java.util.Arrays.fill(row, BigDecimal.ZERO);
        }
        INDArray x = Graphs.softmaxRecords(RECORDS, INPUTS, CLASSES, 1).all().getFeatures(0);
        INDArray labels = records.all().getLabels(0);
        for (int r = 0; r < RECORDS; r++) {
            BigDecimal[] u = new BigDecimal[block.rank()];
            for (int k = 0; k < u.length; k++) {
                u[k] = BigDecimal.ZERO;
                for (int i = 0; i < INPUTS; i++) {
                    double a = all[block.offsetA() + k * INPUTS + i];
                    u[k] = u[k].add(new BigDecimal(x.getDouble(r, i)).multiply(new BigDecimal(a)));
                }
                u[k] = u[k].multiply(new BigDecimal(block.scaling()));
            }
            BigDecimal[] p = new BigDecimal[CLASSES];
            BigDecimal sum = BigDecimal.ZERO;
            for (int c = 0; c < CLASSES; c++) {
                BigDecimal z = new BigDecimal(base.get("b").getDouble(c));
                for (int i = 0; i < INPUTS; i++) {
                    z = z.add(new BigDecimal(x.getDouble(r, i))
                            .multiply(new BigDecimal(base.get("W").getDouble(i, c))));
                }
                for (int k = 0; k < u.length; k++) {
                    z = z.add(u[k].multiply(new BigDecimal(theta[c * block.rank() + k])));
                }
                p[c] = exp(z);
                sum = sum.add(p[c]);
            }
            for (int c = 0; c < CLASSES; c++) {
                BigDecimal residual = p[c].divide(sum, DIGITS).subtract(new BigDecimal(labels.getDouble(r, c)));
                for (int k = 0; k < u.length; k++) {
                    gradient[k][c] = gradient[k][c].add(u[k].multiply(residual));
                }
            }
        }
        BigDecimal[] next = new BigDecimal[theta.length];
        BigDecimal eta = new BigDecimal(ETA);
        for (int c = 0; c < CLASSES; c++) {
            for (int k = 0; k < block.rank(); k++) {
                int i = c * block.rank() + k;
                BigDecimal direction = gradient[k][c]
                        .divide(new BigDecimal(NORMALISER), DIGITS)
                        .add(new BigDecimal(LAMBDA).multiply(new BigDecimal(theta[i])));
                next[i] = new BigDecimal(theta[i]).subtract(eta.multiply(direction));
            }
        }
        return next;
    }

    /** The series, for |x| of a few units: 80 terms leave less than 1e-40 of it. */
    private static BigDecimal exp(BigDecimal x) {
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int k = 1; k < 80; k++) {
            term = term.multiply(x, DIGITS).divide(BigDecimal.valueOf(k), DIGITS);
            sum = sum.add(term);
        }
        return sum;
    }
}
