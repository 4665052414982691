extension EvaluationReport {
  /// Of the page's body.
  static let template = """
    <h1>How far heights lie from the truth</h1>
    <p class="note">Differences are ours − reference. Ranges under a figure hold 95 % of a bootstrap over blocks of
    ground. LE68 and LE90 are what 68.3 and 90 % of the absolute differences stay below; an inversion is a pair of
    neighbours that fall where the reference rises (50 % of what knows nothing); the correlation is of forms no broader
    than its band. "As it is" takes the numbers for metres; an affine fit gives one scale and one shift to the whole site;
    an oracle is made of the truth and bounds what others can do. Where a reference does not say that it is metres, figures
    are in its own unit, and it is left out of means.</p>
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
    <h2>Better than the others, and than what needs no network?</h2>
    <table>
    <thead><tr><th>the fitted heights less</th><th class="text">figure</th><th>difference</th><th class="text"></th></tr></thead>
    {{#comparisons}}<tr><td>{{other}}</td><td class="text">{{metric}}</td><td>{{difference}}<br><small>{{range}}</small></td><td class="text {{style}}">{{verdict}}</td></tr>
    {{/comparisons}}</table>
    {{/hasComparisons}}
    {{#sites}}
    <h2>{{name}}</h2>
    <p class="note">{{heights}} by {{reference}}; {{grid}}; {{preparation}}; correlation of forms {{band}}; {{blocks}} blocks
    of {{blockSide}} × {{blockSide}} pixels.</p>
    {{#notes}}<p class="warning">{{.}}</p>{{/notes}}
    <div class="pictures">
    <figure><img src="{{{referenceShade}}}" alt="hillshade of the reference"><figcaption>Reference, its median slope shaded as 20°</figcaption></figure>
    <figure><img src="{{{heightsShade}}}" alt="hillshade of the heights"><figcaption>Heights, theirs shaded as 20°, too</figcaption></figure>
    <figure><img src="{{{differences}}}" alt="map of differences"><figcaption>Ours − reference: blue is too low, red too high; full colour at ±{{limit}} m</figcaption></figure>
    </div>
    <div class="wide"><table>
    <thead><tr><th></th>{{#heads}}<th>{{.}}</th>{{/heads}}</tr></thead>
    {{#rows}}<tr><td>{{title}}</td>{{#cells}}<td>{{{.}}}</td>{{/cells}}</tr>
    {{/rows}}</table></div>
    <div class="pictures">
    <figure>{{{histogram}}}<figcaption>Heights, {{chartTitle}}</figcaption></figure>
    <figure>{{{scatter}}}<figcaption>Evenly spread pixels; the dashed line is equality</figcaption></figure>
    </div>
    <h3>The paper's metrics</h3>
    <p class="note">Heights and truth each stretched to 0…255 by their own least and greatest, in images of at most 512 × 512
    pixels: {{images}} images{{leftOut}}.</p>
    <table>
    <thead><tr><th></th><th>MAE</th><th>RMSE</th><th>δ1, %</th><th>δ2, %</th><th>δ3, %</th><th>PSNR, dB</th><th>SSIM</th><th>LPIPS</th></tr></thead>
    {{#paper}}<tr><td>{{title}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/paper}}</table>
    <h3>By kind of ground</h3>
    <table>
    <thead><tr><th></th><th class="text">ground</th><th>pixels</th><th>bias, m</th><th>RMSE, m</th><th>NMAD, m</th><th>LE90, m</th></tr></thead>
    {{#strata}}<tr><td>{{title}}</td><td class="text">{{part}}</td><td>{{count}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/strata}}</table>
    {{#hasTiles}}
    <h3>By distance from the nearest tile edge</h3>
    <table>
    <thead><tr><th></th><th class="text">up to, pixels</th><th>pixels</th><th>bias, m</th><th>RMSE, m</th><th>NMAD, m</th><th>LE90, m</th></tr></thead>
    {{#tiles}}<tr><td>{{title}}</td><td class="text">{{part}}</td><td>{{count}}</td>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/tiles}}</table>
    {{/hasTiles}}
    <h3>What the heights went through</h3>
    <table>
    <thead><tr><th></th><th>times</th><th>plus, m</th><th>moved left, pixels</th><th>moved up, pixels</th></tr></thead>
    {{#placements}}<tr><td>{{title}}</td><td>{{scale}}</td><td>{{shift}}</td><td>{{columns}}</td><td>{{rows}}</td></tr>
    {{/placements}}</table>
    {{/sites}}
    """
}
