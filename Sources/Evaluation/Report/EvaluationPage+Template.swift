extension EvaluationReport {
  /// The template of the page's body.
  static let template = """
    <h1>Accuracy of heights against a reference</h1>
    <p class="note">Differences are ours − reference. Ranges below a value are 95 % intervals of a bootstrap over blocks of
    pixels. 68.3 % and 90 % of the absolute differences are below LE68 and LE90. An inversion is a pair of neighboring pixels
    that fall where the reference rises (50 % for an uninformative surface). The correlation is of terrain features no broader
    than its band. "As it is" interprets values as meters; an affine fit applies one scale and one offset to the whole site;
    an oracle baseline is derived from the reference and bounds what others can achieve. If a reference is not known to be in meters, its
    site is in its own unit and left out of means. "No significant difference" means that the 95 % interval contains 0 or is
    unknown.</p>
    {{#leftOut}}<p class="error">Left out: {{.}}</p>{{/leftOut}}
    {{#isMany}}
    <h2>Mean over {{count}} of {{total}} sites</h2>
    <div class="wide"><table>
    <thead><tr><th></th>{{#heads}}<th>{{.}}</th>{{/heads}}</tr></thead>
    {{#pooled}}<tr><td>{{title}}</td>{{#cells}}<td>{{{.}}}</td>{{/cells}}</tr>
    {{/pooled}}</table></div>
    <h3>The paper's metrics over all images</h3>
    <table>
    <thead><tr><th></th><th>MAE</th><th>RMSE</th><th>δ1, %</th><th>δ2, %</th><th>δ3, %</th><th>PSNR, dB</th><th>SSIM</th><th>LPIPS</th></tr></thead>
    {{#pooledPaper}}<tr><td>{{title}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/pooledPaper}}</table>
    {{/isMany}}
    {{#hasComparisons}}
    <h2>Comparison with other heights and with baselines that need no network</h2>
    <table>
    <thead><tr><th>fitted heights minus</th><th class="text">metric</th><th>difference</th><th class="text"></th></tr></thead>
    {{#comparisons}}<tr><td>{{other}}</td><td class="text">{{metric}}</td><td>{{difference}}<br><small>{{range}}</small></td><td class="text {{style}}">{{verdict}}</td></tr>
    {{/comparisons}}</table>
    {{/hasComparisons}}
    {{#sites}}
    <h2>{{name}}</h2>
    <p class="note">{{heights}} compared with {{reference}}; {{grid}}; {{preparation}}; correlation of features {{band}}; {{blocks}} blocks
    of {{blockSide}} × {{blockSide}} pixels.</p>
    {{#notes}}<p class="warning">{{.}}</p>{{/notes}}
    <div class="pictures">
    <figure><img src="{{{referenceShade}}}" alt="hillshade of the reference"><figcaption>Reference, exaggerated so that its median slope is shaded as 20°</figcaption></figure>
    <figure><img src="{{{heightsShade}}}" alt="hillshade of the heights"><figcaption>Heights, exaggerated in the same way</figcaption></figure>
    <figure><img src="{{{differences}}}" alt="map of differences"><figcaption>Ours − reference: blue is too low, red too high; color saturates at ±{{limit}} m</figcaption></figure>
    </div>
    <div class="wide"><table>
    <thead><tr><th></th>{{#heads}}<th>{{.}}</th>{{/heads}}</tr></thead>
    {{#rows}}<tr><td>{{title}}</td>{{#cells}}<td>{{{.}}}</td>{{/cells}}</tr>
    {{/rows}}</table></div>
    <div class="pictures">
    <figure>{{{histogram}}}<figcaption>Heights, {{chartTitle}}</figcaption></figure>
    <figure>{{{scatter}}}<figcaption>Evenly spaced pixels; the dashed line is equality</figcaption></figure>
    </div>
    <h3>The paper's metrics</h3>
    <p class="note">Heights and reference, each stretched to 0…255 by their own minimum and maximum, in images of at most 512 × 512
    pixels: {{images}} images{{leftOut}}.</p>
    <table>
    <thead><tr><th></th><th>MAE</th><th>RMSE</th><th>δ1, %</th><th>δ2, %</th><th>δ3, %</th><th>PSNR, dB</th><th>SSIM</th><th>LPIPS</th></tr></thead>
    {{#paper}}<tr><td>{{title}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/paper}}</table>
    <h3>By terrain class</h3>
    <table>
    <thead><tr><th></th><th class="text">class</th><th>pixels</th><th>bias, m</th><th>RMSE, m</th><th>NMAD, m</th><th>LE90, m</th></tr></thead>
    {{#strata}}<tr><td>{{title}}</td><td class="text">{{part}}</td><td>{{count}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/strata}}</table>
    {{#hasTiles}}
    <h3>By distance from the nearest tile edge</h3>
    <table>
    <thead><tr><th></th><th class="text">up to, pixels</th><th>pixels</th><th>bias, m</th><th>RMSE, m</th><th>NMAD, m</th><th>LE90, m</th></tr></thead>
    {{#tiles}}<tr><td>{{title}}</td><td class="text">{{part}}</td><td>{{count}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/tiles}}</table>
    {{/hasTiles}}
    <h3>Transformations of the heights</h3>
    <table>
    <thead><tr><th></th><th>scale</th><th>offset, m</th><th>moved left, pixels</th><th>moved up, pixels</th></tr></thead>
    {{#placements}}<tr><td>{{title}}</td><td>{{scale}}</td><td>{{shift}}</td><td>{{columns}}</td><td>{{rows}}</td></tr>
    {{/placements}}</table>
    {{/sites}}
    """
}
