/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;

/**
 * Where a run ended and how it got there; the same whether or not the run was interrupted and resumed.
 *
 * @param status why it ended
 * @param last θ_T and what is needed to continue
 * @param loss J(θ_T)
 * @param gradientNorm ‖∇J(θ_T)‖
 * @param records steps 0 to T - 1
 * @param promises whether the rule's inequality held along the whole run
 * @param rule the rule's name
 * @param guarantee what the rule's promises rest on, in words
 */
public record DescentResult(
        DescentStatus status,
        Checkpoint last,
        double loss,
        double gradientNorm,
        List<StepRecord> records,
        PromiseCheck promises,
        String rule,
        String guarantee)
        implements HtmlView {

    /** Copies the list. */
    public DescentResult {
        records = List.copyOf(records);
    }

    /** Where it ended, and whether the promises were kept. */
    @Override
    public String toHtml() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("rule", rule);
        facts.put("status", status.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        facts.put("steps", Integer.toString(records.size()));
        facts.put("loss", HtmlTable.number(loss));
        facts.put("gradient norm", HtmlTable.number(gradientNorm));
        facts.put("promises kept", (promises.promises() - promises.broken()) + " of " + promises.promises());
        facts.put("guarantee", guarantee);
        return Html.fragment().facts(facts).markup();
    }
}
