/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.Locale;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;

/**
 * What is known about a policy's place on the landscape of its return, as numbers and words. J is maximised. All numbers are of J_H, the
 * return of the first H steps; see {@link CutOff}.
 *
 * @param statement what the numbers say
 * @param criterion the criterion
 * @param context scale of returns, entropy, and distance from the best policy
 * @param gradient its norm
 * @param curvature the steepest
 * @param noise of the gradients of single trajectories along the direction of that curvature
 * @param dead parameters with a policy gradient of 0 whatever is drawn, as far as is known; for policies with observations and actions that
 *     cannot be listed, only those of dead components
 * @param computation how the numbers came about
 */
public record SecondOrderReport(
        Statement statement,
        Criterion criterion,
        VerdictContext context,
        GradientFinding gradient,
        Curvature curvature,
        AscentNoise noise,
        DeadParts dead,
        Computation computation)
        implements HtmlView {

    /** Whether nothing was sampled; then standard errors are 0 and intervals points. */
    public boolean exact() {
        return computation.isExact();
    }

    /** The verdict and the numbers it rests on, with their intervals. */
    @Override
    public String toHtml() {
        Html html = Html.fragment()
                .element("p", verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        statement.words().lines().forEach(line -> html.element("p", line));
        HtmlTable table = HtmlTable.of("quantity", "estimate", "from", "to", "criterion");
        table = with(
                table,
                "\u2016\u2207J\u2016\u00b2",
                gradient.squared(),
                "at most " + HtmlTable.number(criterion.epsilon() * criterion.epsilon()));
        table = with(
                table,
                "curvature along v",
                curvature.along(),
                "at most " + HtmlTable.number(Math.sqrt(criterion.chi() * criterion.epsilon())));
        table = with(table, "noise along v", noise.along(), "none");
        Measured entropy = context.entropyShare();
        html.view(
                entropy.value() < Double.POSITIVE_INFINITY
                        ? with(
                                table,
                                "entropy, of the greatest",
                                entropy,
                                "at least " + HtmlTable.number(SaddleVerdict.SATURATION))
                        : table);
        statement.assumptions().forEach(sentence -> html.element("p", "Assumed: " + sentence));
        return html.markup();
    }

    /** Intervals are rounded outwards. */
    private static HtmlTable with(HtmlTable table, String name, Measured number, String wanted) {
        return table.row(
                name, number.value(), HtmlTable.atLeast(number.low()), HtmlTable.atMost(number.high()), wanted);
    }

    /** What the numbers say, in one word. */
    public SaddleVerdict verdict() {
        return statement.verdict();
    }

    /** v, a unit vector, [dimension of the policy]; its sign means nothing. */
    public double[] direction() {
        return curvature.direction();
    }
}
