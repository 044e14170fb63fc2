/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.html;

/** A result that can be shown as HTML; in a notebook, {@code display(it.toHtml(), "text/html")}. */
public interface HtmlView {

    /**
     * A fragment of HTML that is well-formed XML: no scripts, nothing from elsewhere, no colours of its own, so that it fits into
     * light and dark pages.
     */
    String toHtml();
}
