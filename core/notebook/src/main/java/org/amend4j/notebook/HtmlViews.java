/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebook;

import org.amend4j.html.HtmlView;
import org.amend4j.verify.VerificationReport;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;

/**
 * Shows the report, plan, certificate, verifier's report, table or chart that a cell ends in. JJava finds it by {@code ServiceLoader};
 * in other kernels, {@code display(it.toHtml(), "text/html")} does the same.
 */
public final class HtmlViews implements Extension {

    /** Called by the kernel. */
    public HtmlViews() {}

    @Override
    public void install(BaseKernel kernel) {
        registerIn(kernel.getRenderer());
    }

    static void registerIn(Renderer renderer) {
        renderer.createRegistration(HtmlView.class)
                .preferring(MIMEType.TEXT_HTML)
                .register((view, context) -> context.renderIfRequested(MIMEType.TEXT_HTML, view::toHtml));
        renderer.createRegistration(VerificationReport.class)
                .preferring(MIMEType.TEXT_HTML)
                .register((report, context) ->
                        context.renderIfRequested(MIMEType.TEXT_HTML, new VerificationView(report)::toHtml));
    }
}
