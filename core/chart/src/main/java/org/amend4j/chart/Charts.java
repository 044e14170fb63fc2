/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Several charts in one picture. */
public final class Charts {

    private Charts() {}

    /**
     * Row by row, in their order.
     *
     * @param charts at least one
     * @param columns at least 1
     */
    public static BufferedImage grid(List<Chart> charts, int columns) {
        List<BufferedImage> images = charts.stream().map(Chart::image).toList();
        int wide = Math.min(columns, images.size());
        int high = (images.size() + columns - 1) / columns;
        int width = images.get(0).getWidth();
        int height = images.get(0).getHeight();
        BufferedImage all = new BufferedImage(wide * width, high * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = all.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, all.getWidth(), all.getHeight());
        for (int k = 0; k < images.size(); k++) {
            graphics.drawImage(images.get(k), k % columns * width, k / columns * height, null);
        }
        graphics.dispose();
        return all;
    }
}
